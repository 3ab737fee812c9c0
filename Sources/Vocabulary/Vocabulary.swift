// Vocabulary: the words every other target speaks.
//
// It promises values that are safe to pass around: identifiers that can't be mixed up, time and
// randomness that are handed in, secrets that don't print. It refuses to know storage, HTTP,
// tenants' data or anything that blocks.

/// Phantom kinds for ``ID``. Layers below a domain refer to its things by these.
package enum Kinds {
    package enum Account {}
    package enum Session {}
    package enum Tenant {}
    package enum Environment {}
    package enum Membership {}
    package enum Invitation {}
    package enum Collection {}
    package enum Field {}
    package enum Record {}
    package enum Operation {}
    package enum Request {}
    package enum Ban {}
    package enum Alarm {}
    package enum AlarmRoute {}
    package enum Device {}
    package enum OwnCopy {}
}

package typealias AccountID = ID<Kinds.Account>
package typealias SessionID = ID<Kinds.Session>
package typealias TenantID = ID<Kinds.Tenant>
package typealias EnvironmentID = ID<Kinds.Environment>
package typealias MembershipID = ID<Kinds.Membership>
package typealias InvitationID = ID<Kinds.Invitation>
package typealias CollectionID = ID<Kinds.Collection>
package typealias FieldID = ID<Kinds.Field>
package typealias RecordID = ID<Kinds.Record>
package typealias OperationID = ID<Kinds.Operation>
package typealias BanID = ID<Kinds.Ban>
package typealias AlarmID = ID<Kinds.Alarm>
package typealias AlarmRouteID = ID<Kinds.AlarmRoute>
package typealias DeviceID = ID<Kinds.Device>
package typealias OwnCopyID = ID<Kinds.OwnCopy>
