import Vocabulary

/// One labelled control of a form, with its hint, what was typed, and what is wrong with it.
package struct FormField: Sendable {
    package struct Option: Sendable {
        let value: String
        let label: String
        let hint: String?
        var isChosen = false
        var id = ""

        package init(_ value: String, _ label: String, hint: String? = nil) {
            self.value = value
            self.label = label
            self.hint = hint
        }
    }

    let id: String
    let name: String
    let label: String
    let hint: String?
    var value: String
    var problem: String?
    let type: String
    let isRequired: Bool
    let attributes: [Attribute]
    let options: [Option]
    let isInput: Bool
    let isPassword: Bool
    let isArea: Bool
    let isSelect: Bool
    let isRadio: Bool
    let isCheckbox: Bool
    let isCode: Bool
    let isDisabled: Bool
    /// What a ticked box sends.
    let tick: String
    /// Ids of the hint and the problem, for `aria-describedby`.
    private var describedBy: String? {
        let ids = (hint == nil ? [] : ["\(id)-hint"]) + (problem == nil ? [] : ["\(id)-problem"])
        return ids.isEmpty ? nil : ids.joined(separator: " ")
    }

    struct Attribute: Sendable {
        let name: String
        let value: String
    }

    package enum Kind: Sendable {
        case text
        case email
        case newPassword
        case currentPassword
        /// A one-time code.
        case code
        /// `mode`: `numeric` for whole numbers, else `decimal`.
        case number(mode: String)
        case date
        case dateTime
        case area
        case select([Option])
        case radio([Option])
        case checkbox
    }

    package init(
        _ name: String, _ label: String, _ kind: Kind = .text, value: String = "", hint: String? = nil, problem: String? = nil,
        isRequired: Bool = false, isDisabled: Bool = false, autocomplete: String? = nil, placeholder: String? = nil, id: String? = nil,
        tick: String = "on"
    ) {
        self.tick = tick
        self.id = id ?? "f-" + name.map { $0.isLetter || $0.isNumber ? $0 : "-" }
        self.name = name
        self.label = label
        self.hint = hint
        self.value = value
        self.problem = problem
        self.isRequired = isRequired
        self.isDisabled = isDisabled
        var attributes: [Attribute] = []
        var input = "text"
        var completion = autocomplete
        var options: [Option] = []
        var shape = "input"
        switch kind {
        case .text: break
        case .email:
            input = "email"
            completion = completion ?? "email"
            attributes += [Attribute(name: "spellcheck", value: "false"), Attribute(name: "autocapitalize", value: "none")]
        case .newPassword: (input, shape, completion) = ("password", "password", "new-password")
        case .currentPassword: (input, shape, completion) = ("password", "password", "current-password")
        case .code:
            (shape, completion) = ("code", completion ?? "one-time-code")
            attributes += [Attribute(name: "spellcheck", value: "false"), Attribute(name: "autocapitalize", value: "none")]
        // A browser's number input throws away what it can't read, so the person couldn't see what was wrong with it.
        case .number(let mode): attributes.append(Attribute(name: "inputmode", value: mode))
        case .date: input = "date"
        case .dateTime:
            input = "datetime-local"
            attributes.append(Attribute(name: "step", value: "1"))
        case .area: shape = "area"
        case .select(let given): (shape, options) = ("select", given)
        case .radio(let given): (shape, options) = ("radio", given)
        case .checkbox: shape = "checkbox"
        }
        if let completion { attributes.append(Attribute(name: "autocomplete", value: completion)) }
        if let placeholder { attributes.append(Attribute(name: "placeholder", value: placeholder)) }
        type = input
        self.attributes = attributes
        let ownID = self.id
        self.options = options.enumerated().map { index, option in
            var option = option
            option.isChosen = option.value == value
            option.id = "\(ownID)-\(index)"
            return option
        }
        isInput = shape == "input"
        isPassword = shape == "password"
        isCode = shape == "code"
        isArea = shape == "area"
        isSelect = shape == "select"
        isRadio = shape == "radio"
        isCheckbox = shape == "checkbox"
    }

    /// Where the error summary leads: the first choice of a group, or the control itself.
    var anchor: String { isRadio ? options.first?.id ?? id : id }
}

extension FormField: Computing {
    var computed: [String: Any?] { ["describedBy": describedBy, "isChecked": value == "on" || value == "true"] }
}

/// A form as a page shows it: fields, what is wrong, where it goes.
package struct Sheet: Sendable {
    let action: String
    package var fields: [FormField]
    /// Problems that belong to no field of this form.
    var general: [String]
    let button: String
    let cancel: Link?
    let hidden: [Hidden]

    struct Hidden: Sendable {
        let name: String
        let value: String
    }

    package init(
        action: String, button: String, cancel: Link? = nil, fields: [FormField], hidden: [(String, String)] = [], refusal: Refusal? = nil
    ) {
        self.hidden = hidden.map { Hidden(name: $0, value: $1) }
        self.action = action
        self.button = button
        self.cancel = cancel
        var fields = fields
        var general: [String] = []
        if let refusal {
            for problem in refusal.fields {
                let name = problem.field == "displayName" ? "name" : problem.field
                if let index = fields.firstIndex(where: { $0.name == name }) {
                    fields[index].problem = problem.message
                } else {
                    general.append(problem.message)
                }
            }
            if refusal.fields.isEmpty { general.append(refusal.message) }
        }
        self.fields = fields
        self.general = general
    }

    private var problems: Problems? {
        let wrong = fields.filter { $0.problem != nil }
        // A short form shows its one problem where it is; a summary on top would only say it twice.
        guard !general.isEmpty || (!wrong.isEmpty && fields.count > 2) else { return nil }
        return Problems(general: general, fields: wrong.map { Link("\($0.label): \($0.problem ?? "")", "#\($0.anchor)") })
    }

    struct Problems: Sendable {
        let general: [String]
        let fields: [Link]
    }
}

extension Sheet: Computing {
    var computed: [String: Any?] { ["problems": problems] }
}
