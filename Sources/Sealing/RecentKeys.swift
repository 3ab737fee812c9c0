import Vocabulary

/// The keys used last, at most `capacity`, in memory.
struct RecentKeys {
    private var entries: [KeyOwner: (key: Secret, use: UInt64)] = [:]
    private var uses: UInt64 = 0
    private let capacity: Int

    init(capacity: Int) { self.capacity = max(1, capacity) }

    var count: Int { entries.count }

    mutating func key(of owner: KeyOwner) -> Secret? {
        guard let key = entries[owner]?.key else { return nil }
        uses += 1
        entries[owner]?.use = uses
        return key
    }

    mutating func keep(_ key: Secret, of owner: KeyOwner) {
        if entries.count >= capacity, entries[owner] == nil { forgetOldest() }
        uses += 1
        entries[owner] = (key, uses)
    }

    mutating func forget(_ owner: KeyOwner) { entries[owner] = nil }
    mutating func forgetAll() { entries.removeAll() }

    /// Drops an eighth at once, so that the search is paid for rarely.
    private mutating func forgetOldest() {
        let oldest = entries.sorted { $0.value.use < $1.value.use }.prefix(max(1, capacity / 8))
        for entry in oldest { entries[entry.key] = nil }
    }
}
