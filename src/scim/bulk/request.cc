#include "scim/bulk/request.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "base/unicode.h"
#include "scim/message.h"

namespace vestibule::scim {
namespace {

constexpr std::array<std::pair<std::string_view, BulkMethod>, 4> kMethods{{
    {"POST", BulkMethod::kPost},
    {"PUT", BulkMethod::kPut},
    {"PATCH", BulkMethod::kPatch},
    {"DELETE", BulkMethod::kDelete},
}};

tl::unexpected<Error> malformed(std::string detail) {
  return failure(ErrorKind::kInvalidSyntax, std::move(detail));
}

/// The text of a member that may be left out or null.
Result<std::optional<std::string>> textOf(const json::Object& members, std::string_view key) {
  const json::Value* value = members.findIgnoringCase(key);
  if (value == nullptr || value->isNull()) return std::nullopt;
  if (!value->isString()) return malformed("'" + std::string(key) + "' must be a string");
  return *value->string();
}

/// Reads operations against the registry.
class Reader {
 public:
  explicit Reader(const Registry& registry) : registry_(registry) {}

  Result<BulkOperation> read(json::Value& value) const {
    json::Object* members = value.object();
    if (members == nullptr) return malformed("must be an object");
    BulkOperation operation;
    if (Result<void> done = readMethod(*members, operation); !done) return propagate(done);
    if (Result<void> done = readBulkId(*members, operation); !done) return propagate(done);
    Result<std::optional<std::string>> version = textOf(*members, "version");
    if (!version) return propagate(version);
    operation.version = *std::move(version);
    Result<std::optional<std::string>> path = textOf(*members, "path");
    if (!path) return propagate(path);
    if (!*path || (*path)->empty()) return malformed("'path' is missing");
    if (Result<void> found = readPath(**path, operation); !found) operation.fault = found.error();

    if (operation.method == BulkMethod::kDelete) return operation;
    json::Value* data = members->findIgnoringCase("data");
    if (data == nullptr || !data->isObject()) return malformed("'data' must be an object");
    operation.data = std::move(*data);
    return operation;
  }

 private:
  static Result<void> readMethod(const json::Object& members, BulkOperation& operation) {
    Result<std::optional<std::string>> text = textOf(members, "method");
    if (!text) return propagate(text);
    const auto* known = std::find_if(kMethods.begin(), kMethods.end(), [&](const auto& method) {
      return *text && equalIgnoringAsciiCase(method.first, **text);
    });
    if (known == kMethods.end()) return malformed("'method' must be POST, PUT, PATCH or DELETE");
    operation.method = known->second;
    return {};
  }

  static Result<void> readBulkId(const json::Object& members, BulkOperation& operation) {
    Result<std::optional<std::string>> text = textOf(members, "bulkId");
    if (!text) return propagate(text);
    if (*text && (*text)->empty()) return malformed("'bulkId' must not be empty");
    if (!*text && operation.method == BulkMethod::kPost)
      return malformed("a POST needs a 'bulkId'");
    operation.bulk_id = text->value_or(std::string());
    return {};
  }

  /// Finds the endpoint and the id. Nothing is decoded: neither needs an escape.
  Result<void> readPath(std::string_view path, BulkOperation& operation) const {
    if (path.find("//") != std::string_view::npos ||
        path.find_first_of("?#\\") != std::string_view::npos) {
      return wrongPath("'path' is an endpoint, and the id of a resource, below the base URL");
    }
    if (path.front() == '/') path.remove_prefix(1);
    if (!path.empty() && path.back() == '/') path.remove_suffix(1);
    const std::size_t slash = path.find('/');
    const std::string_view endpoint = path.substr(0, slash);
    if (slash != std::string_view::npos) operation.id = path.substr(slash + 1);
    if (endpoint == "Bulk") return wrongPath("a bulk request cannot hold another one");

    for (const auto& type : registry_.resourceTypes()) {
      if (std::string_view(type->endpoint).substr(1) == endpoint) operation.type = type.get();
    }
    if (operation.type == nullptr) {
      return failure(ErrorKind::kNotFound, "'path' names no endpoint of resources", "path");
    }
    if (operation.method == BulkMethod::kPost && slash != std::string_view::npos) {
      return wrongPath("a POST goes to an endpoint, not to a resource");
    }
    if (operation.method != BulkMethod::kPost && operation.id.empty()) {
      return wrongPath("a " + std::string(nameOf(operation.method)) +
                       " needs the id of a resource");
    }
    if (operation.id.find('/') != std::string::npos) {
      return failure(ErrorKind::kNotFound, "'path' has a segment too many", "path");
    }
    return {};
  }

  static tl::unexpected<Error> wrongPath(std::string detail) {
    return failure(ErrorKind::kInvalidValue, std::move(detail), "path");
  }

  const Registry& registry_;
};

bool namesBulkSchema(const json::Value* schemas) {
  const json::Array* array = schemas == nullptr ? nullptr : schemas->array();
  return array != nullptr && std::any_of(array->begin(), array->end(), [](const json::Value& uri) {
           return uri.isString() && equalIgnoringAsciiCase(*uri.string(), kBulkRequestSchema);
         });
}

Result<std::optional<std::uint64_t>> failOnErrorsOf(const json::Object& message) {
  const json::Value* value = message.findIgnoringCase("failOnErrors");
  if (value == nullptr || value->isNull()) return std::nullopt;
  const auto number = value->isNumber() ? value->number()->asInt64() : std::nullopt;
  if (!number || *number < 0) {
    return failure(ErrorKind::kInvalidValue, "must be a whole number from 0", "failOnErrors");
  }
  if (*number == 0) return std::nullopt;
  return static_cast<std::uint64_t>(*number);
}

}  // namespace

std::string_view nameOf(BulkMethod method) {
  return kMethods.at(static_cast<std::size_t>(method)).first;
}

Result<BulkRequest> parseBulk(const Registry& registry, json::Value body,
                              std::uint64_t max_operations) {
  json::Object* message = body.object();
  if (message == nullptr) return malformed("a bulk request must be a JSON object");
  if (!namesBulkSchema(message->findIgnoringCase("schemas"))) {
    return malformed("'schemas' must hold '" + std::string(kBulkRequestSchema) + "'");
  }
  json::Value* list = message->findIgnoringCase("Operations");
  json::Array* operations = list == nullptr ? nullptr : list->array();
  if (operations == nullptr || operations->empty()) {
    return malformed("'Operations' must be an array with an operation");
  }
  if (operations->size() > max_operations) {
    return failure(ErrorKind::kPayloadTooLarge, "the request has " +
                                                    std::to_string(operations->size()) +
                                                    " operations, more than maxOperations (" +
                                                    std::to_string(max_operations) + ")");
  }
  BulkRequest request;
  Result<std::optional<std::uint64_t>> stop = failOnErrorsOf(*message);
  if (!stop) return propagate(stop);
  request.fail_on_errors = *stop;

  const Reader reader(registry);
  std::unordered_set<std::string> bulk_ids;
  request.operations.reserve(operations->size());
  for (json::Value& value : *operations) {
    const std::string place = "operation " + std::to_string(request.operations.size() + 1) + ": ";
    Result<BulkOperation> operation = reader.read(value);
    if (!operation) {
      operation.error().detail = place + operation.error().detail;
      return propagate(operation);
    }
    if (!operation->bulk_id.empty() && !bulk_ids.insert(operation->bulk_id).second) {
      return failure(ErrorKind::kInvalidValue, place + "its bulkId is there already", "bulkId");
    }
    request.operations.push_back(*std::move(operation));
  }
  return request;
}

}  // namespace vestibule::scim
