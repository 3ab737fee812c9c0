import Testing
import Vocabulary

@testable import PgBackRest

/// What `pgbackrest info` says, as pgBackRest 2.45 said it.
@Suite struct RepositoryTests {
    private static func stanza(
        backups: String = "", archive: String = "", cipher: String = "aes-256-cbc", status: String = #""code":0,"message":"ok""#
    ) -> String {
        """
        [{"archive":[\(archive)],"backup":[\(backups)],"cipher":"\(cipher)","db":[{"id":1,"repo-key":1,"system-id":7710875870815453834,"version":"15"}],\
        "name":"main","repo":[{"cipher":"\(cipher)","key":1,"status":{\(status)}}],\
        "status":{"code":0,"lock":{"backup":{"held":false}},"message":"ok"}}]
        """
    }

    private static func backup(
        _ label: String, _ type: String = "full", start: Int = 1_795_328_196, stop: Int = 1_795_328_205, lsn: String = "0/3000050"
    )
        -> String
    {
        """
        {"archive":{"start":"000000010000000000000002","stop":"000000010000000000000003"},"backrest":{"format":5,"version":"2.45"},\
        "database":{"id":1,"repo-key":1},"database-ref":[{"name":"one","oid":16385},{"name":"postgres","oid":5}],"error":false,\
        "info":{"delta":38091260,"repository":{"delta":4721520,"size":4721520},"size":38091260},"label":"\(label)",\
        "lsn":{"start":"0/2000028","stop":"\(lsn)"},"prior":null,"reference":null,"timestamp":{"start":\(start),"stop":\(stop)},"type":"\(type)"}
        """
    }

    private static let archive =
        #"{"database":{"id":1,"repo-key":1},"id":"15-1","max":"000000010000000000000004","min":"000000010000000000000001"}"#

    @Test func `a stanza with a full backup is read`() throws {
        let found = try #require(try Repository.read(Self.stanza(backups: Self.backup("20261122-061636F"), archive: Self.archive)).first)
        #expect(found.name == "main" && found.isThere && found.problem == nil && found.isEncrypted && !found.isBusy)
        #expect(found.clusters == [.init(system: 7_710_875_870_815_453_834, version: "15")])
        let backup = try #require(found.backups.first)
        #expect(backup.kind == .full && backup.whole == 0x300_0050 && backup.timeline == 1 && backup.size == 4_721_520)
        #expect(backup.endedAt == Instant(seconds: 1_795_328_205))
        #expect(backup.databases == [.init(name: "one", oid: 16385), .init(name: "postgres", oid: 5)])
        #expect(found.logs == [.init(repository: 1, first: "000000010000000000000001", last: "000000010000000000000004")])
    }

    @Test func `a moment is restored from the newest backup that was whole a second before`() throws {
        let found = try #require(
            try Repository.read(
                Self.stanza(
                    backups: [
                        Self.backup("20261122-061636F_20261122-071636D", "diff", start: 2000, stop: 2010, lsn: "0/5000000"),
                        Self.backup("20261122-061636F", start: 1000, stop: 1010, lsn: "0/3000000"),
                    ].joined(separator: ","))
            ).first)
        #expect(found.backup(before: Instant(seconds: 1010)) == nil)
        #expect(found.backup(before: Instant(seconds: 1011))?.kind == .full)
        #expect(found.backup(before: Instant(seconds: 2010))?.kind == .full)
        #expect(found.backup(before: Instant(seconds: 2011))?.kind == .differential)
        #expect(found.backup(before: 0x2FF_FFFF) == nil)
        #expect(found.backup(before: 0x300_0000)?.kind == .full)
        #expect(found.backup(before: 0x500_0000)?.kind == .differential)
    }

    @Test func `a stanza that is not there, and one with nothing in it, are told apart`() throws {
        let missing = #"""
            [{"archive":[],"backup":[],"cipher":"aes-256-cbc","db":[],"name":"other","repo":[{"cipher":"aes-256-cbc","key":1,"status":{"code":1,"message":"missing stanza path"}}],"status":{"code":1,"lock":{"backup":{"held":false}},"message":"missing stanza path"}}]
            """#
        #expect(try Repository.read(missing).first?.isThere == false)
        let empty = try #require(try Repository.read(Self.stanza(status: #""code":2,"message":"no valid backups""#)).first)
        #expect(empty.isThere && empty.problem == nil && empty.backups.isEmpty && empty.backup(before: Instant(seconds: 5000)) == nil)
        #expect(try Repository.read("[]").isEmpty)
    }

    @Test func `a wrong passphrase is called so, though what is quoted is no text`() throws {
        let quoted =
            "[FormatError] unable to load info file '/r/backup.info':\\nkey/value found outside of section at line 1: {\u{1}\u{7}\u{FFFD}"
        let text = #"""
            [{"archive":[],"backup":[],"cipher":"aes-256-cbc","db":[],"name":"main","repo":[{"cipher":"aes-256-cbc","key":1,"status":{"code":99,"message":"\#(quoted)"}}],"status":{"code":99,"lock":{"backup":{"held":false}},"message":"other"}}]
            """#
        let found = try #require(try Repository.read(text).first)
        #expect(PgBackRestFault(try #require(found.problem)) == .wrongPassphrase)
    }

    @Test func `a repository in the clear is seen`() throws {
        #expect(try Repository.read(Self.stanza(cipher: "none")).first?.isEncrypted == false)
    }

    @Test(arguments: [
        "", "null", "{}", "[{}]", "no JSON at all", #"[{"name":"main"}]"#, "[{\"archive\":[],\"backup\":[", "[1]",
        stanza(backups: backup("x", "strange")), stanza(backups: backup("x", lsn: "nowhere")),
        stanza(backups: backup("x", start: 2000, stop: 1000)),
        stanza(backups: backup("x", start: -5, stop: 1000)), stanza().replacing("\"15\"", with: "\"fifteen\""),
        stanza().replacing("7710875870815453834", with: "\"many\""),
    ])
    func `what is broken is refused`(text: String) {
        #expect(throws: PgBackRestFault.self) { try Repository.read(text) }
    }

    @Test func `places of the log are read and written as PostgreSQL does`() {
        #expect(LogPlace.text(0x16_B374_D848) == "16/B374D848")
        #expect(LogPlace.read("16/B374D848") == 0x16_B374_D848)
        for wrong in ["", "16", "16/", "/B3", "16/B3/1", "x/1", "100000000/0"] { #expect(LogPlace.read(wrong) == nil) }
        #expect(LogPlace.timeline(ofSegment: "0000000A0000000100000004") == 10)
        #expect(LogPlace.timeline(ofSegment: "0000000A.history") == nil)
        #expect(LogPlace.end(ofSegment: "000000010000000100000004", size: 16 << 20) == 0x1_0500_0000)
    }

    @Test func `a piece of the log that is missing between others is found`() throws {
        func listed(_ names: [String]) -> String {
            "{" + names.map { "\"15-1/0000000100000000/\($0)\":{\"type\":\"file\"}" }.joined(separator: ",") + "}"
        }
        let whole = [
            "0000000100000000000000FE-baf754.zst", "0000000100000000000000FF-baf754.zst", "000000010000000100000000-baf754.zst",
            "000000010000000100000000.00000028.backup",
        ]
        #expect(try LogPieces(listed(whole)).gaps().isEmpty)
        #expect(
            try LogPieces(listed([whole[0], "000000010000000100000001-baf754"])).gaps()
                == ["2 pieces of the log are missing after 00000000000000FE (15-1 timeline 1)"])
        #expect(try LogPieces("{}").gaps().isEmpty)
        #expect(throws: PgBackRestFault.self) { try LogPieces("no list") }
    }

    @Test func `a moment is written to the microsecond`() {
        #expect(PgBackRest.text(Instant(microseconds: 1_795_328_207_007_349)) == "2026-11-22 06:16:47.007349+00")
        #expect(PgBackRest.text(Instant(seconds: 0)) == "1970-01-01 00:00:00.000000+00")
    }
}
