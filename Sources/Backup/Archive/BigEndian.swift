extension UnsafeRawBufferPointer {
    func integer<T: FixedWidthInteger>(_ type: T.Type = T.self, at offset: Int) -> T {
        T(bigEndian: loadUnaligned(fromByteOffset: offset, as: T.self))
    }

    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: self[range]) }
}

extension UnsafeMutableRawBufferPointer {
    func put(_ value: some FixedWidthInteger, at offset: Int) { storeBytes(of: value.bigEndian, toByteOffset: offset, as: type(of: value)) }

    func put(_ bytes: some Collection<UInt8>, at offset: Int) {
        UnsafeMutableRawBufferPointer(rebasing: self[offset..<offset + bytes.count]).copyBytes(from: bytes)
    }

    func slice(_ range: Range<Int>) -> UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: self[range]) }
}
