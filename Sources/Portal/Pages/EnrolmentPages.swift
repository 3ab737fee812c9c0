import Vocabulary

/// A QR code as one path: a unit square for each dark module.
package struct QRDrawing: Sendable {
    /// Modules per side, with four of quiet zone on each.
    let side: Int
    let path: String

    /// `modules`: rows of dark (true) and light.
    package init(modules: [[Bool]]) {
        side = modules.count + 8
        var path = ""
        for (y, row) in modules.enumerated() {
            var x = 0
            while x < row.count {
                guard row[x] else {
                    x += 1
                    continue
                }
                let start = x
                while x < row.count, row[x] { x += 1 }
                path += "M\(start + 4) \(y + 4)h\(x - start)v1h-\(x - start)z"
            }
        }
        self.path = path
    }
}

/// Scan or type the key, prove it with a code.
package struct EnrolmentPage: Page {
    package let template = "enrolment"
    package let title = "Add a second factor"
    let steps: Steps?
    let code: QRDrawing
    let key: String
    let account: String
    let form: Sheet

    /// `key`: base32, shown in groups of four.
    package init(action: String, code: QRDrawing, key: String, account: String, isOnboarding: Bool, refusal: Refusal? = nil) {
        steps = isOnboarding ? .onboarding(1) : nil
        self.code = code
        self.key = stride(from: 0, to: key.count, by: 4).map { String(key.dropFirst($0).prefix(4)) }.joined(separator: " ")
        self.account = account
        form = Sheet(
            action: action, button: "Confirm",
            fields: [FormField("code", "Six digits from the app", .code, isRequired: true)], refusal: refusal)
    }
}

/// The codes for a rainy day, shown once.
package struct RecoveryCodesPage: Page {
    package let template = "recovery-codes"
    package let title = "Keep your recovery codes"
    let steps: Steps?
    let codes: [String]
    let download: String
    let form: Sheet

    package init(action: String, codes: [String], isOnboarding: Bool, refusal: Refusal? = nil) {
        steps = isOnboarding ? .onboarding(2) : nil
        self.codes = codes
        download = "data:text/plain;charset=utf-8," + codes.joined(separator: "%0A") + "%0A"
        form = Sheet(
            action: action, button: isOnboarding ? "Finish" : "Done",
            fields: [FormField("kept", "I have put these codes in a safe place", .checkbox)], refusal: refusal)
    }
}
