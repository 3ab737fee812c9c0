import Records
import Testing
import Vocabulary

struct CollectionsTests {
    @Test func `names, keys, choices and targets that can't be are refused with their field`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let collections = f.workspace.collections
        let bad: [(CollectionDraft, String)] = [
            (CollectionDraft(slug: "No Spaces", name: "x"), "slug"), (CollectionDraft(slug: "ok", name: " "), "name"),
            (CollectionDraft(slug: "flights", name: "Again"), "slug"),
            (CollectionDraft(slug: "ok", name: "x", fields: [FieldDraft(key: "Bad", type: .text)]), "key"),
            (CollectionDraft(slug: "ok", name: "x", fields: [FieldDraft(key: "and", type: .text)]), "key"),
            (CollectionDraft(slug: "ok", name: "x", fields: [FieldDraft(key: "_id", type: .text)]), "key"),
            (
                CollectionDraft(slug: "ok", name: "x", fields: [FieldDraft(key: "a", type: .text), FieldDraft(key: "a", type: .text)]),
                "key"
            ),
            (CollectionDraft(slug: "ok", name: "x", fields: [FieldDraft(key: "a", type: .choice([]))]), "options"),
            (CollectionDraft(slug: "ok", name: "x", fields: [FieldDraft(key: "a", type: .choice(["x", "x"]))]), "options"),
            (CollectionDraft(slug: "ok", name: "x", fields: [FieldDraft(key: "a", type: .json, unique: true)]), "unique"),
            (
                CollectionDraft(
                    slug: "ok", name: "x",
                    fields: [FieldDraft(key: "a", type: .reference(CollectionID(at: f.clock.now(), entropy: f.entropy)))]), "target"
            ),
        ]
        for (draft, field) in bad {
            let refusal = await f.refusal { try await collections.create(draft, by: f.owner) }
            #expect(refusal?.fields.map(\.field) == [field])
        }
        #expect(try await collections.list(by: f.owner).count == 2)
    }

    @Test func `a field changes only where no value is lost`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let collections = f.workspace.collections
        try await f.workspace.records.create(["number": "1", "origin": "JFK", "distance": 5], in: "flights", by: f.editor)
        try await f.workspace.records.create(["number": "2", "distance": 5], in: "flights", by: f.editor)
        #expect(
            await f.refusal { try await collections.changeField("number", of: "flights", FieldChange(type: .number), by: f.owner) }?.code
                == "type-change")
        let choice = await f.refusal {
            try await collections.changeField("origin", of: "flights", FieldChange(type: .choice(["LGA"])), by: f.owner)
        }
        #expect(choice?.code == "choice-in-use")
        try await collections.changeField("origin", of: "flights", FieldChange(type: .choice(["JFK", "BER"])), by: f.owner)
        #expect(
            await f.refusal { try await collections.changeField("origin", of: "flights", FieldChange(required: true), by: f.owner) }?.kind
                == .conflict)
        #expect(
            await f.refusal { try await collections.changeField("distance", of: "flights", FieldChange(unique: true), by: f.owner) }?.code
                == "not-unique")
        #expect(
            await f.refusal {
                try await collections.addField(FieldDraft(key: "gate", type: .text, required: true), to: "flights", by: f.owner)
            }?.kind
                == .conflict)
        try await collections.changeField("number", of: "flights", FieldChange(unique: false), by: f.owner)
        try await f.workspace.records.create(["number": "1"], in: "flights", by: f.editor)
    }

    @Test func `removing a field takes its values out of sight, and history keeps them`() async throws {
        let f = try await Fixture()
        try await f.flights()
        let record = try await f.workspace.records.create(["number": "1", "distance": 5], in: "flights", by: f.editor)
        let other = try await f.workspace.records.create(["number": "2"], in: "flights", by: f.editor)
        let collection = try await f.workspace.collections.removeField("distance", of: "flights", by: f.owner)
        #expect(collection.field("distance") == nil)
        let now = try await f.workspace.records.find(record.id, in: "flights", by: f.reader)
        #expect(now.body == #"{"number":"1"}"#)
        #expect(now.version == 2)
        #expect(try await f.workspace.records.find(other.id, in: "flights", by: f.reader).version == 1)
        let history = try await f.workspace.history.list(of: record.id, in: "flights", by: f.reader)
        #expect(history.last?.values["distance"] == 5)
        let restored = try await f.workspace.records.restore(record.id, in: "flights", version: 1, ifVersion: nil, by: f.editor)
        #expect(restored.body == #"{"number":"1"}"#)
    }

    @Test func `a deleted collection comes back with its records`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let record = try await f.workspace.records.create(["number": "1"], in: "flights", by: f.editor)
        #expect(await f.refusal { try await f.workspace.collections.delete("carriers", by: f.owner) }?.code == "referenced-collection")
        try await f.workspace.collections.delete("flights", ifVersion: flights.version, by: f.owner)
        #expect(await f.refusal { try await f.workspace.records.find(record.id, in: "flights", by: f.owner) }?.kind == .notFound)
        #expect(try await f.workspace.collections.deleted(by: f.owner).map(\.id) == [flights.id])
        try await f.workspace.collections.restore(flights.id, by: f.owner)
        #expect(try await f.workspace.records.find(record.id, in: "flights", by: f.owner) == record)
    }

    @Test func `the second of two changes of a collection from the same version is stale`() async throws {
        let f = try await Fixture()
        let flights = try await f.flights()
        let changed = try await f.workspace.collections.change(
            "flights", CollectionChange(name: "All flights"), ifVersion: flights.version, by: f.owner)
        #expect(changed.name == "All flights")
        let refusal = await f.refusal {
            try await f.workspace.collections.change("flights", CollectionChange(name: "x"), ifVersion: flights.version, by: f.owner)
        }
        #expect(refusal?.kind == .stale)
        let order = changed.fields.map(\.key).reversed() as [String]
        let reordered = try await f.workspace.collections.change("flights", CollectionChange(fieldOrder: order), by: f.owner)
        #expect(reordered.fields.map(\.key) == order)
    }

    @Test func `more indexes than allowed are refused`() async throws {
        let f = try await Fixture()
        let fields = (0..<9).map { FieldDraft(key: "f\($0)", type: .number, indexed: true) }
        let refusal = await f.refusal {
            try await f.workspace.collections.create(CollectionDraft(slug: "many", name: "Many", fields: fields), by: f.owner)
        }
        #expect(refusal?.code == "too-many-indexes")
    }
}

/// A design that was drawn as a whole.
struct RedesignTests {
    @Test func `name, fields and their order change together, as one version`() async throws {
        let f = try await Fixture()
        let old = try await f.flights()
        let record = try await f.workspace.records.create(["number": "1", "distance": 5], in: "flights", by: f.editor)
        let before = try await f.events().count
        let wanted = Redesign(
            name: "Departures", description: "From New York",
            fields: [
                .new(FieldDraft(key: "gate", label: "Gate", type: .text, indexed: true)), .kept(key: "number", FieldChange()),
                .kept(key: "day", FieldChange(label: "Date")),
            ])
        let new = try await f.workspace.collections.redesign("flights", wanted, ifVersion: old.version, by: f.owner)
        #expect(new.name == "Departures")
        #expect(new.version == old.version + 1)
        #expect(new.fields.map(\.key) == ["gate", "number", "day"])
        #expect(new.field("day")?.label == "Date")
        #expect(new.titleField == "number")
        #expect(try await f.workspace.records.find(record.id, in: "flights", by: f.reader).body == #"{"number":"1"}"#)
        let events = try await f.events().dropFirst(before)
        #expect(events.count { $0 == "field_removed" } == 7)
        #expect(events.count { $0 == "field_added" } == 1)
        #expect(events.count { $0 == "field_changed" } == 1)
    }

    @Test func `a refusal in the middle leaves nothing half done`() async throws {
        let f = try await Fixture()
        let old = try await f.flights()
        let record = try await f.workspace.records.create(["number": "1", "distance": 5], in: "flights", by: f.editor)
        try await f.workspace.records.create(["number": "2", "distance": 5], in: "flights", by: f.editor)
        let before = try await f.events()
        let wanted = Redesign(
            name: "Departures", description: "",
            fields: [
                .new(FieldDraft(key: "gate", type: .text, indexed: true)), .kept(key: "number", FieldChange(label: "No.")),
                .kept(key: "distance", FieldChange(unique: true)),
            ])
        let refusal = await f.refusal { try await f.workspace.collections.redesign("flights", wanted, ifVersion: nil, by: f.owner) }
        #expect(refusal?.code == "not-unique")
        #expect(refusal?.fields.map(\.field) == ["fields.2.unique"])
        #expect(try await f.workspace.collections.find("flights", by: f.owner) == old)
        #expect(try await f.workspace.records.find(record.id, in: "flights", by: f.reader) == record)
        #expect(try await f.events() == before)
        // The indexes are those of before, too: what is unique is held to it.
        #expect(
            await f.refusal { try await f.workspace.records.create(["number": "1"], in: "flights", by: f.editor) }?.code == "not-unique")
    }

    @Test func `who drew on an older design is refused, and who changes nothing makes no version`() async throws {
        let f = try await Fixture()
        let old = try await f.flights()
        let same = Redesign(
            name: old.name, description: old.description, fields: old.fields.map { .kept(key: $0.key, FieldChange(label: $0.label)) })
        let before = try await f.events()
        #expect(try await f.workspace.collections.redesign("flights", same, ifVersion: old.version, by: f.owner) == old)
        #expect(try await f.events() == before)
        try await f.workspace.collections.addField(FieldDraft(key: "gate", type: .text), to: "flights", by: f.owner)
        let refusal = await f.refusal {
            try await f.workspace.collections.redesign("flights", same, ifVersion: old.version, by: f.owner)
        }
        #expect(refusal?.kind == .stale)
        #expect(try await f.workspace.collections.find("flights", by: f.owner).field("gate") != nil)
        #expect(
            await f.refusal { try await f.workspace.collections.redesign("flights", same, ifVersion: nil, by: f.editor) }?.kind
                == .forbidden)
    }

    @Test func `an index given up makes room for another, and a removed title passes on`() async throws {
        let f = try await Fixture()
        let fields = (0..<8).map { FieldDraft(key: "f\($0)", type: .text, indexed: true) }
        try await f.workspace.collections.create(CollectionDraft(slug: "many", name: "Many", fields: fields), by: f.owner)
        let wanted = Redesign(
            name: "Many", description: "",
            fields: [.new(FieldDraft(key: "g", type: .number, indexed: true))]
                + (2..<8).map { .kept(key: "f\($0)", FieldChange(indexed: $0 != 7)) } + [
                    .new(FieldDraft(key: "h", type: .date, indexed: true))
                ])
        let new = try await f.workspace.collections.redesign("many", wanted, ifVersion: nil, by: f.owner)
        #expect(new.fields.map(\.key) == ["g", "f2", "f3", "f4", "f5", "f6", "f7", "h"])
        #expect(new.titleField == "f2")
    }
}
