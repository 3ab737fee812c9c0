/// Where wrapped keys rest, with the word on which master key locks them: a directory of one machine, or a database that several nodes share.
///
/// It sees nothing in the clear. What changes something may wait for a disk or a network: never call it on an event loop or the cooperative pool.
package protocol KeyShelf: Sendable {
    /// For messages to the operator.
    var place: String { get }
    /// Whether other nodes hold it too, always: they follow a rotation instead of preventing it.
    var isShared: Bool { get }
    /// False while it can't be known whether a key was destroyed elsewhere; nothing is unlocked then.
    var isCurrent: Bool { get }
    /// Asks, where it isn't known, or where there is no key of `owner`: another node may have made it a moment ago. Does nothing where that can't be done.
    func refresh(for owner: KeyOwner?) async

    /// Taken before anything else, kept until the keyring is sealed.
    func hold() throws -> any KeyHold

    func manifest() throws -> [UInt8]?
    /// - Throws: ``SealingFault`` `.keyringInUse` if it is no longer `old`.
    func replaceManifest(_ old: [UInt8]?, with new: [UInt8]) throws

    /// Works while sealed, in no particular order.
    func owners() throws -> [KeyOwner]
    func contains(_ owner: KeyOwner) throws -> Bool
    func read(_ owner: KeyOwner) throws -> [UInt8]?
    /// False if there is one already.
    /// - Throws: ``SealingFault`` `.keyringInUse` if the manifest is no longer `manifest`: the key would have the wrong locks.
    func create(_ owner: KeyOwner, with bytes: [UInt8], under manifest: [UInt8]) throws -> Bool
    /// Each is old or new afterwards, whatever interrupts it. Those that are gone stay gone.
    func replace(_ keys: [(owner: KeyOwner, bytes: [UInt8])]) throws
    /// False if there is none.
    func remove(_ owner: KeyOwner) throws -> Bool
    /// Puts up a tombstone; nothing changes where there is one.
    func entomb(_ tombstone: Tombstone) throws
    func tombstones() throws -> [Tombstone]
    /// Removes what interrupted processes left half written. The caller is alone.
    func sweep()
}

/// A node's hold on a shelf: shared by all who read keys, exclusive while the master key is rotated.
package protocol KeyHold: Sendable {
    /// - Throws: ``SealingFault`` `.keyringInUse`
    func alone<T>(_ body: () throws -> T) throws -> T
}
