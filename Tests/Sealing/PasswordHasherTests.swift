import CSodium
import Foundation
import TestSupport
import Testing
import Vocabulary

@testable import Sealing

struct PasswordHasherTests {
    private let hasher = PasswordHasher(threads: 1, waiting: 64, cost: .least)

    @Test func `a hash is a PHC string of argon2id, salted, and OWASP's cost by default`() async throws {
        let hash = try await PasswordHasher().hash(Secret("correct horse"))
        #expect(hash.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(!PasswordHasher().needsRehash(hash))
        #expect(hasher.needsRehash(hash))
        #expect(try await hasher.hash(Secret("a")) != hasher.hash(Secret("a")))
    }

    /// From the reference implementation's test.c (RFC 9106's authors).
    @Test(arguments: [
        ("password", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"),
        ("password", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
        ("password", "$argon2id$v=19$m=65536,t=1,p=1$c29tZXNhbHQ$9qWtwbpyPd3vm1rB1GThgPzZ3/ydHL92zKL+15XZypg"),
        ("differentpassword", "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$C4TWUs9rDEvq7w3+J4umqA32aWKB1+DSiRuBfYxFj94"),
    ])
    func `known hashes are verified`(password: String, hash: String) async throws {
        #expect(try await hasher.verify(Secret(password), against: hash))
        #expect(try await !hasher.verify(Secret(password + " "), against: hash))
    }

    @Test(arguments: ["", "x", "correct horse battery staple", "пароль", "🐢🐢🐢", "a\u{0}b", String(repeating: "å", count: 2048)])
    func `the right password passes and near ones don't`(password: String) async throws {
        let hash = try await hasher.hash(Secret(password))
        #expect(try await hasher.verify(Secret(password), against: hash))
        #expect(try await !hasher.verify(Secret(password + "x"), against: hash))
        if !password.isEmpty { #expect(try await !hasher.verify(Secret(String(password.dropLast())), against: hash)) }
    }

    @Test func `composed and decomposed spellings are one password; compatibility ones and case are not`() async throws {
        let hash = try await hasher.hash(Secret("Z\u{FC}rich 1"))
        #expect(try await hasher.verify(Secret("Zu\u{308}rich 1"), against: hash))
        #expect(try await !hasher.verify(Secret("z\u{FC}rich 1"), against: hash))
        let ligature = try await hasher.hash(Secret("\u{FB01}sh"))
        #expect(try await !hasher.verify(Secret("fish"), against: ligature))
    }

    @Test(arguments: [
        "", "plain", "$argon2id$", "$argon2i$v=19$m=8,t=1,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=4000,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "$2b$12$abcdefghijklmnopqrstuv",
        "x$argon2id$v=19$m=8,t=1,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=16$m=8,t=1,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=,t=1,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=+8,t=1,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$t=1,m=8,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=1,p=2$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=1,p=1$c29tc2FsdHNvbWVzYWx0$AAAA",
        "$argon2id$v=19$m=8,t=1,p=1$c29t*2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$argon2id$v=19$m=8,t=1,p=1$c29tc2FsdHNvbWVzYWx0$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA$",
    ])
    func `a hash that is broken, foreign or asks for too much is simply wrong`(hash: String) async throws {
        #expect(try await !hasher.verify(Secret("password"), against: hash))
        #expect(hasher.needsRehash(hash))
    }

    @Test func `a huge password is refused before any work, and never verified`() async throws {
        let huge = Secret([UInt8](repeating: 97, count: 5000))
        await #expect(throws: Refusal.self) { try await hasher.hash(huge) }
        #expect(try await !hasher.verify(huge, against: hasher.hash(Secret("a"))))
    }

    @Test func `an unknown account costs as much as a wrong password`() throws {
        let cost = PasswordHasher.Cost(iterations: 2, kibibytes: 4096)
        #expect(PasswordHash.cost(of: PasswordHash.ofNobody(cost)) == cost)
        let real = try PasswordHash.make(Secret("somebody's"), cost)
        func least(_ hash: String) -> Double {
            (0..<7).map { _ in
                let start = threadSeconds()
                _ = PasswordHash.verify(Secret("a guess"), hash)
                return threadSeconds() - start
            }.min() ?? 0
        }
        let (somebody, nobody) = (least(real), least(PasswordHash.ofNobody(cost)))
        #expect(somebody > 0.0003)
        #expect((0.6...1.7).contains(nobody / somebody), "\(nobody) s against \(somebody) s")
    }

    private func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test(.timeLimit(.minutes(5))) func `a flood of 500 is shed, the admitted finish, and then it works again`() async throws {
        let hasher = PasswordHasher(threads: 2, waiting: 64, cost: .init(iterations: 1, kibibytes: 19 * 1024))
        let hash = try await hasher.hash(Secret("right"))
        let outcomes = await withTaskGroup(of: Result<Bool, any Error>.self) { group in
            for number in 0..<500 {
                group.addTask {
                    do {
                        if number % 3 == 0 {
                            try await hasher.verifyNothing(Secret("right"))
                            return .success(true)
                        }
                        return .success(try await hasher.verify(Secret("right"), against: hash))
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var (passed, shed) = (0, 0)
        for outcome in outcomes {
            switch outcome {
            case .success(let isRight):
                passed += 1
                #expect(isRight)
            case .failure(let error):
                shed += 1
                let refusal = try #require(error as? Refusal)
                #expect(refusal.code == "busy" && refusal.kind == .unavailable(retryAfter: .seconds(2)))
            }
        }
        #expect(passed >= 66 && shed >= 100 && passed + shed == 500, "\(passed) passed, \(shed) shed")
        #expect(try await hasher.verify(Secret("right"), against: hash))
    }
}
