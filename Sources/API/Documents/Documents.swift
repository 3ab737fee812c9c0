import HTTPTypes
import Hummingbird
import Jobs
import NIOCore
import Records
import Vocabulary
import Web

/// How domain values look in answers.
extension Record {
    /// The stored body goes into the answer as it is: no value is built for it.
    func response(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(body.utf8.count + 400)
        write(to: &bytes)
        var headers = headers
        headers[.eTag] = etag
        return .bytes(ByteBuffer(bytes: bytes), type: "application/json", status: status, headers: headers)
    }
}

extension RecordPage {
    func bytes() -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(records.reduce(256) { $0 + $1.body.utf8.count + 400 })
        bytes.append(contentsOf: #"{"records":["#.utf8)
        for (index, record) in records.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            record.write(to: &bytes)
        }
        bytes.append(contentsOf: #"],"next":"#.utf8)
        if let next { JSONText.write(next, to: &bytes) } else { bytes.append(contentsOf: "null".utf8) }
        if let total {
            bytes.append(contentsOf: #","total":"#.utf8)
            JSONText.write(Int64(total), to: &bytes)
        }
        if !titles.isEmpty {
            bytes.append(contentsOf: #","titles":"#.utf8)
            let members = titles.map { ($0.key.description, JSONValue.string($0.value)) }
            JSONValue.object(Dictionary(members) { first, _ in first }).write(to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}

extension RecordVersion {
    var document: JSONValue {
        [
            "version": .integer(Int64(version)), "action": .string(action.rawValue), "at": .string(at.description), "by": .string(by.text),
            "values": .object(values),
            "changes": .array(changes.map { ["field": .string($0.key), "before": $0.before ?? .null, "after": $0.after ?? .null] }),
        ]
    }
}

extension Collection {
    var etag: String { "\"\(version)\"" }

    var document: JSONValue {
        [
            "id": .string(id.description), "slug": .string(slug), "name": .string(name), "singular": .string(singular),
            "description": .string(description), "order": .integer(Int64(order)), "version": .integer(Int64(version)),
            "title_field": titleField.map { .string($0) } ?? .null, "fields": .array(fields.map(\.document)),
        ]
    }

    func response(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        var headers = headers
        headers[.eTag] = etag
        return .json(document, status: status, headers: headers)
    }
}

extension Field {
    var document: JSONValue {
        var members: JSONObject = [
            "id": .string(id.description), "key": .string(key), "label": .string(label), "type": .string(type.name),
            "required": .bool(required),
            "unique": .bool(unique), "indexed": .bool(indexed),
        ]
        if case .choice(let options) = type { members["options"] = .array(options.map { .string($0) }) }
        if case .reference(let target) = type { members["collection"] = .string(target.description) }
        return .object(members)
    }
}

extension Operation {
    var document: JSONValue {
        [
            "id": .string(id.description), "kind": .string(kind), "state": .string(state.rawValue), "done": .integer(Int64(done)),
            "total": total.map { .integer(Int64($0)) } ?? .null, "message": .string(message), "result": result,
            "cancelling": .bool(isCancelling),
            "created_at": .string(createdAt.description), "finished_at": finishedAt.map { .string($0.description) } ?? .null,
        ]
    }

    /// 202: the work goes on, and this is where to look.
    func accepted() -> Response {
        .json(document, status: .accepted, headers: [.location: "\(API.base)/operations/\(id)", .retryAfter: "1"])
    }
}

extension Role {
    var document: JSONValue {
        [
            "name": .string(name), "label": .string(label), "built_in": .bool(isBuiltIn), "permissions": permissions.document,
        ]
    }
}

extension Permissions {
    var document: JSONValue {
        func list(_ set: Set<Permission>) -> JSONValue { .array(set.map(\.rawValue).sorted().map { .string($0) }) }
        let matrix = collections.map { ($0.key.description, list($0.value)) }
        return ["everywhere": list(everywhere), "collections": .object(Dictionary(matrix) { first, _ in first })]
    }
}
