import TestSupport
import Testing
import Vocabulary

@Suite struct IDTests {
    @Test func `an identifier survives its text form, in any case`() throws {
        let id = AccountID(at: Instant(seconds: 1_800_000_000), entropy: SeededEntropy(seed: 1))
        #expect(AccountID(id.description) == id)
        #expect(AccountID(id.description.uppercased()) == id)
        #expect(id.description.utf8.count == 36)
        #expect(Array(id.description)[14] == "7")
    }

    @Test(arguments: [
        "", "1", "0192f0c4-7b0a-7000-8000-00000000000", "0192f0c4-7b0a-7000-8000-0000000000000", "0192f0c4+7b0a-7000-8000-000000000000",
        "g192f0c4-7b0a-7000-8000-000000000000", "０192f0c4-7b0a-7000-8000-000000000000",
    ])
    func `anything else is no identifier`(text: String) {
        #expect(AccountID(text) == nil)
    }

    @Test func `later identifiers sort later`() {
        let entropy = SeededEntropy(seed: 2)
        let early = RecordID(at: Instant(seconds: 10), entropy: entropy)
        let late = RecordID(at: Instant(seconds: 11), entropy: entropy)
        #expect(early < late)
        #expect(early.description < late.description)
    }
}
