/// Members of a JSON object. Their order is not kept; what is written has an order of its own.
package typealias JSONObject = [String: JSONValue]
