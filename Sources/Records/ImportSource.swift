import Storage
import Vocabulary

/// The staged file, read chunk by chunk into prepared rows. Holds one chunk and one unfinished row at a time.
struct ImportSource {
    struct Batch: Sendable {
        var rows: [ImportRow] = []
        var refused: [RefusedLine] = []
        /// Rows of the file up to here, refused ones too: where to go on after a crash.
        var rowsDone = 0
        var bytesDone = 0

        var isEmpty: Bool { rows.isEmpty && refused.isEmpty }
    }

    static let worthACommit = 1000

    private enum Parser {
        case csv(CSVReader)
        case jsonLines(JSONLinesReader)
    }

    private let database: any Database
    private let upload: OperationID
    private let collection: Collection
    private let mappings: [ImportPlan.Mapping]
    private var transcoder: Transcoder
    private var parser: Parser
    private var preparer: ImportPreparer?
    private var chunk = 0
    private var isFinished = false
    private var skip: Int
    private var rowsDone = 0
    private var bytesDone = 0

    init(
        _ database: any Database, _ upload: OperationID, _ shape: ImportShape, _ collection: Collection, _ mappings: [ImportPlan.Mapping],
        skip: Int
    ) throws {
        self.database = database
        self.upload = upload
        self.collection = collection
        self.mappings = mappings
        self.skip = skip
        transcoder = Transcoder(shape.encoding, markLength: shape.markLength)
        switch shape.format {
        case .csv: parser = .csv(CSVReader(delimiter: shape.delimiter))
        case .jsonLines:
            parser = .jsonLines(JSONLinesReader())
            preparer = try ImportPreparer(collection, names: mappings.map(\.column), mappings: mappings)
        }
    }

    /// The next rows, or nil at the end of the file: what one chunk holds, or several where lines are long.
    mutating func next() async throws -> Batch? {
        var batch = Batch()
        while !isFinished, batch.rows.count + batch.refused.count < Self.worthACommit {
            let (id, number) = (upload, chunk)
            let bytes = try await database.read {
                try $0.value("SELECT bytes FROM import_chunk WHERE upload = \(id) AND number = \(number)", as: [UInt8].self)
            }
            chunk += 1
            bytesDone += bytes?.count ?? 0
            if let bytes {
                try read(transcoder.utf8(bytes, isLast: false), isLast: false, into: &batch)
            } else {
                isFinished = true
                try read(transcoder.utf8([], isLast: true), isLast: true, into: &batch)
            }
        }
        batch.rowsDone = rowsDone
        batch.bytesDone = bytesDone
        return batch.isEmpty ? nil : batch
    }

    private mutating func read(_ text: [UInt8], isLast: Bool, into batch: inout Batch) throws {
        switch parser {
        case .csv(var reader):
            // The reader is moved out and back, so that its buffers are not copied.
            parser = .jsonLines(JSONLinesReader())
            try reader.read(text) { try take($0, into: &batch) }
            if isLast { try reader.finish { try take($0, into: &batch) } }
            parser = .csv(reader)
        case .jsonLines(var reader):
            parser = .csv(CSVReader(delimiter: 0))
            reader.read(text) { take($0, into: &batch) }
            if isLast { reader.finish { take($0, into: &batch) } }
            parser = .jsonLines(reader)
        }
    }

    private mutating func take(_ row: CSVReader.Row, into batch: inout Batch) throws {
        guard let preparer else {
            preparer = try ImportPreparer(collection, names: ImportShape.columnNames(row.texts), mappings: mappings)
            return
        }
        guard counts() else { return }
        add(preparer.prepare(row), to: &batch)
    }

    private mutating func take(_ line: JSONLinesReader.Line, into batch: inout Batch) {
        guard let preparer, counts() else { return }
        add(preparer.prepare(line), to: &batch)
    }

    private mutating func counts() -> Bool {
        rowsDone += 1
        return rowsDone > skip
    }

    private func add(_ result: Result<ImportRow, RefusedLine>, to batch: inout Batch) {
        switch result {
        case .success(let row): batch.rows.append(row)
        case .failure(let refused): batch.refused.append(refused)
        }
    }
}
