import Vocabulary

/// A heading and one form inside the frame: invite somebody, create a tenant, confirm.
package struct FormPage: Page {
    package let template = "form-page"
    package let title: String
    package let crumbs: [Link]
    let head: Head
    let notice: Remark?
    let form: Sheet
    let isDangerous: Bool

    package init(_ head: Head, crumbs: [Link] = [], notice: Remark? = nil, form: Sheet, isDangerous: Bool = false) {
        title = head.heading
        self.head = head
        self.crumbs = crumbs
        self.notice = notice
        self.form = form
        self.isDangerous = isDangerous
    }
}
