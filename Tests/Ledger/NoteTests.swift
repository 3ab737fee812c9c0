import Ledger
import Testing
import Vocabulary

@Suite struct NoteTests {
    /// From the documentation of golang.org/x/mod/sumdb/note.
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    let note = """
        If you think cryptography is the answer to your problem,
        then you don't know what your problem is.

        — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=

        """

    @Test func `a note signed elsewhere is read and believed`() throws {
        let known = try #require(NoteKey(key))
        #expect(known.description == key)
        let parsed = try SignedNote(parsing: note)
        #expect(parsed.description == note)
        #expect(try parsed.verified(by: [known]) == [known])
        #expect(parsed.text.hasSuffix("problem is.\n"))
    }

    @Test func `a changed word, an unknown key and a forged line are refused`() throws {
        let known = try #require(NoteKey(key))
        let changed = try SignedNote(parsing: note.replacing("answer", with: "Answer"))
        #expect(throws: SignedNote.Refusal.forged(name: "PeterNeumann")) { try changed.verified(by: [known]) }
        let stranger = try #require(NoteSigner(name: "PeterNeumann", seed: Secret([UInt8](repeating: 7, count: 32)))).key
        #expect(throws: SignedNote.Refusal.unsigned) { try SignedNote(parsing: note).verified(by: [stranger]) }
    }

    @Test(arguments: [
        "", "\n", "text", "text\n", "text\n\n", "\n\n— a AAAAAAAA\n", "text\n\n— a AAAAAAAA", "text\n\n- a AAAAAAAA\n", "text\n\n— a\n",
        "text\n\n— a AAAA\n", "text\n\n— a AAAAAAA\n",
        "text\n\n— a AAAAAAAB=\n", "text\n\n—  AAAAAAAA\n", "text\n\n— a+b AAAAAAAA\n", "text\n\n— a AAAAAAAA \n",
        "te\u{0}xt\n\n— a AAAAAAAA\n", "text\r\n\n— a AAAAAAAA\n",
        "text\n\n" + String(repeating: "— a AAAAAAAA\n", count: 17),
    ])
    func `what is no note is refused`(text: String) {
        #expect(throws: SignedNote.Refusal.self) { try SignedNote(parsing: text) }
    }

    @Test func `a note without end is refused`() {
        let long = String(repeating: "x", count: 1_000_001) + "\n\n— a AAAAAAAA\n"
        #expect(throws: SignedNote.Refusal.tooLong) { try SignedNote(parsing: long) }
    }

    @Test(arguments: [
        "", "PeterNeumann", "PeterNeumann+c74f20a3", "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+Ahpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10",
        "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ])
    func `what is no key is refused`(text: String) {
        #expect(NoteKey(text) == nil)
    }

    @Test func `a checkpoint is signed, read back, and refused when touched`() throws {
        let signer = try #require(NoteSigner(name: "holdfast.example/audit/control", seed: Secret([UInt8](repeating: 1, count: 32))))
        var frontier = Frontier()
        for leaf in Reference.leaves { frontier.append(.leaf(leaf)) }
        let checkpoint = Checkpoint(origin: signer.key.name, size: 8, root: frontier.root)
        let note = try checkpoint.sign(with: signer).description
        #expect(try Checkpoint(verifying: note, keys: [signer.key]) == checkpoint)
        #expect(throws: SignedNote.Refusal.forged(name: signer.key.name)) {
            try Checkpoint(verifying: note.replacing("\n8\n", with: "\n7\n"), keys: [signer.key])
        }
    }

    @Test(arguments: [
        "log\n1\n", "log\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "log\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "log\n+1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "log\n18446744073709551616\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
        "log\n1\nAAAA\n",
        "log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=\n", "log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
        "log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n",
    ])
    func `what is no checkpoint is refused`(text: String) {
        #expect(throws: SignedNote.Refusal.self) { try Checkpoint(text: text) }
    }

    @Test func `a checkpoint's extension lines are passed over`() throws {
        let text = "log\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\nmore\n"
        #expect(try Checkpoint(text: text).size == 1)
    }
}
