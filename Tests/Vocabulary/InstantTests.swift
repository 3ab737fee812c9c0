import Testing
import Vocabulary

@Suite struct InstantTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00.000Z", 0), ("2026-11-21T07:37:42.123Z", 1_795_246_662_123_000), ("1969-12-31T23:59:59.999Z", -1000),
        ("2024-02-29T12:00:00.000Z", 1_709_208_000_000_000),
    ])
    func `a moment survives its text form`(text: String, microseconds: Int64) {
        #expect(Instant(microseconds: microseconds).description == text)
        #expect(Instant(text)?.microseconds == microseconds)
    }

    @Test func `offsets and fractions are understood`() {
        #expect(Instant("2026-11-21T09:37:42+02:00") == Instant("2026-11-21T07:37:42Z"))
        #expect(Instant("2026-11-21T07:37:42.1Z")?.microseconds == 1_795_246_662_100_000)
        #expect(Instant("2026-11-21T07:37:42.123456789Z")?.microseconds == 1_795_246_662_123_456)
    }

    @Test(arguments: [
        "", "2026-11-21", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T07:37:42",
        "2026-11-21T07:37:42.Z",
        "2026-11-21T07:37:42+2:00", "2026-11-21T07:37:42Zx", "２026-11-21T07:37:42Z", "2026-11-21 07:37:42Z",
    ])
    func `what is no moment is refused`(text: String) {
        #expect(Instant(text) == nil)
    }

    @Test func `time saturates at its ends`() {
        #expect(Instant(microseconds: .max) + .days(1) == Instant(microseconds: .max))
        #expect(Instant(microseconds: .min) - .days(1) == Instant(microseconds: .min))
        #expect(Instant(microseconds: .max).description.isEmpty == false)
    }
}
