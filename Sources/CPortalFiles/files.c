// `#embed` instead of SwiftPM's .embedInCode: the same hundred kilobytes compile in milliseconds, not twelve seconds.
// Every file of Sources/Portal/Templates and Assets is listed; a test compares.
#pragma clang diagnostic ignored "-Wc23-extensions"
#include "CPortalFiles.h"

#define FILE(kind, name) {kind, name, (const char[]){
#define END , 0}},

static const struct portal_file files[] = {
    FILE(0, "access")
#embed "../Portal/Templates/access.mustache"
    END
    FILE(0, "account")
#embed "../Portal/Templates/account.mustache"
    END
    FILE(0, "alarm")
#embed "../Portal/Templates/alarm.mustache"
    END
    FILE(0, "alarms")
#embed "../Portal/Templates/alarms.mustache"
    END
    FILE(0, "app")
#embed "../Portal/Templates/app.mustache"
    END
    FILE(0, "audit")
#embed "../Portal/Templates/audit.mustache"
    END
    FILE(0, "backup-moment")
#embed "../Portal/Templates/backup-moment.mustache"
    END
    FILE(0, "backups")
#embed "../Portal/Templates/backups.mustache"
    END
    FILE(0, "bans")
#embed "../Portal/Templates/bans.mustache"
    END
    FILE(0, "cell")
#embed "../Portal/Templates/cell.mustache"
    END
    FILE(0, "collection-reach")
#embed "../Portal/Templates/collection-reach.mustache"
    END
    FILE(0, "collections")
#embed "../Portal/Templates/collections.mustache"
    END
    FILE(0, "continue")
#embed "../Portal/Templates/continue.mustache"
    END
    FILE(0, "control")
#embed "../Portal/Templates/control.mustache"
    END
    FILE(0, "crumbs")
#embed "../Portal/Templates/crumbs.mustache"
    END
    FILE(0, "designer")
#embed "../Portal/Templates/designer.mustache"
    END
    FILE(0, "device")
#embed "../Portal/Templates/device.mustache"
    END
    FILE(0, "empty")
#embed "../Portal/Templates/empty.mustache"
    END
    FILE(0, "enrolment")
#embed "../Portal/Templates/enrolment.mustache"
    END
    FILE(0, "field")
#embed "../Portal/Templates/field.mustache"
    END
    FILE(0, "flash")
#embed "../Portal/Templates/flash.mustache"
    END
    FILE(0, "form-page")
#embed "../Portal/Templates/form-page.mustache"
    END
    FILE(0, "form")
#embed "../Portal/Templates/form.mustache"
    END
    FILE(0, "head")
#embed "../Portal/Templates/head.mustache"
    END
    FILE(0, "home")
#embed "../Portal/Templates/home.mustache"
    END
    FILE(0, "import")
#embed "../Portal/Templates/import.mustache"
    END
    FILE(0, "lone-form")
#embed "../Portal/Templates/lone-form.mustache"
    END
    FILE(0, "invite")
#embed "../Portal/Templates/invite.mustache"
    END
    FILE(0, "invited")
#embed "../Portal/Templates/invited.mustache"
    END
    FILE(0, "leaving")
#embed "../Portal/Templates/leaving.mustache"
    END
    FILE(0, "legend")
#embed "../Portal/Templates/legend.mustache"
    END
    FILE(0, "lone")
#embed "../Portal/Templates/lone.mustache"
    END
    FILE(0, "member")
#embed "../Portal/Templates/member.mustache"
    END
    FILE(0, "member-devices")
#embed "../Portal/Templates/member-devices.mustache"
    END
    FILE(0, "nodes")
#embed "../Portal/Templates/nodes.mustache"
    END
    FILE(0, "operation")
#embed "../Portal/Templates/operation.mustache"
    END
    FILE(0, "operations")
#embed "../Portal/Templates/operations.mustache"
    END
    FILE(0, "own-copies")
#embed "../Portal/Templates/own-copies.mustache"
    END
    FILE(0, "own-copy")
#embed "../Portal/Templates/own-copy.mustache"
    END
    FILE(0, "page-head")
#embed "../Portal/Templates/page-head.mustache"
    END
    FILE(0, "pager")
#embed "../Portal/Templates/pager.mustache"
    END
    FILE(0, "passkey")
#embed "../Portal/Templates/passkey.mustache"
    END
    FILE(0, "people")
#embed "../Portal/Templates/people.mustache"
    END
    FILE(0, "pill")
#embed "../Portal/Templates/pill.mustache"
    END
    FILE(0, "preview")
#embed "../Portal/Templates/preview.mustache"
    END
    FILE(0, "problem")
#embed "../Portal/Templates/problem.mustache"
    END
    FILE(0, "problems")
#embed "../Portal/Templates/problems.mustache"
    END
    FILE(0, "reach")
#embed "../Portal/Templates/reach.mustache"
    END
    FILE(0, "record-form")
#embed "../Portal/Templates/record-form.mustache"
    END
    FILE(0, "record")
#embed "../Portal/Templates/record.mustache"
    END
    FILE(0, "records")
#embed "../Portal/Templates/records.mustache"
    END
    FILE(0, "recovery-codes")
#embed "../Portal/Templates/recovery-codes.mustache"
    END
    FILE(0, "restore")
#embed "../Portal/Templates/restore.mustache"
    END
    FILE(0, "risks")
#embed "../Portal/Templates/risks.mustache"
    END
    FILE(0, "role")
#embed "../Portal/Templates/role.mustache"
    END
    FILE(0, "roles")
#embed "../Portal/Templates/roles.mustache"
    END
    FILE(0, "shape")
#embed "../Portal/Templates/shape.mustache"
    END
    FILE(0, "sign-in")
#embed "../Portal/Templates/sign-in.mustache"
    END
    FILE(0, "sign-ins")
#embed "../Portal/Templates/sign-ins.mustache"
    END
    FILE(0, "staff")
#embed "../Portal/Templates/staff.mustache"
    END
    FILE(0, "tenant")
#embed "../Portal/Templates/tenant.mustache"
    END
    FILE(0, "tenants")
#embed "../Portal/Templates/tenants.mustache"
    END
    FILE(0, "trust-area-body")
#embed "../Portal/Templates/trust-area-body.mustache"
    END
    FILE(0, "trust-area-public")
#embed "../Portal/Templates/trust-area-public.mustache"
    END
    FILE(0, "trust-area")
#embed "../Portal/Templates/trust-area.mustache"
    END
    FILE(0, "trust-body")
#embed "../Portal/Templates/trust-body.mustache"
    END
    FILE(0, "trust-public")
#embed "../Portal/Templates/trust-public.mustache"
    END
    FILE(0, "tiles")
#embed "../Portal/Templates/tiles.mustache"
    END
    FILE(0, "trust")
#embed "../Portal/Templates/trust.mustache"
    END
    FILE(0, "unusual")
#embed "../Portal/Templates/unusual.mustache"
    END
    FILE(0, "waiting")
#embed "../Portal/Templates/waiting.mustache"
    END
    FILE(0, "vendor")
#embed "../Portal/Templates/vendor.mustache"
    END
    FILE(0, "when")
#embed "../Portal/Templates/when.mustache"
    END
    FILE(1, "mark.svg")
#embed "../Portal/Assets/mark.svg"
    END
    FILE(1, "passkeys.js")
#embed "../Portal/Assets/passkeys.js"
    END
    FILE(1, "people.css")
#embed "../Portal/Assets/people.css"
    END
    FILE(1, "people.js")
#embed "../Portal/Assets/people.js"
    END
    FILE(1, "portal.css")
#embed "../Portal/Assets/portal.css"
    END
    FILE(1, "portal.js")
#embed "../Portal/Assets/portal.js"
    END
};

const struct portal_file *portal_file(long index) {
    return index >= 0 && index < (long)(sizeof files / sizeof files[0]) ? &files[index] : 0;
}
