#include "http/list_request.h"

#include <algorithm>
#include <charconv>

#include "base/unicode.h"
#include "scim/message.h"

namespace vestibule::http {
namespace {

tl::unexpected<Error> wrong(std::string_view member, std::string_view expected) {
  return failure(ErrorKind::kInvalidValue, std::string(member) + " is " + std::string(expected),
                 std::string(member));
}

Result<std::optional<std::int64_t>> integerParameter(const Request& request,
                                                     std::string_view name) {
  const auto text = request.queryValue(name);
  if (!text || text->empty()) return std::nullopt;
  std::int64_t number = 0;
  const auto* end = text->data() + text->size();
  const auto read = std::from_chars(text->data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return wrong(name, "a whole number");
  return number;
}

/// Which of several values counts would be anyone's guess. `attributes` and `excludedAttributes`
/// are lists, and joined.
Result<void> requireOnce(const Request& request) {
  for (const std::string_view name :
       {"filter", "startIndex", "count", "sortBy", "sortOrder", "cursor"}) {
    const auto times = std::count_if(
        request.query.begin(), request.query.end(),
        [&](const auto& parameter) { return equalIgnoringAsciiCase(parameter.first, name); });
    if (times > 1) {
      return failure(ErrorKind::kInvalidValue, std::string(name) + " is given more than once",
                     std::string(name));
    }
  }
  return {};
}

Result<bool> isDescending(std::string_view order) {
  if (order.empty() || equalIgnoringAsciiCase(order, "ascending")) return false;
  if (equalIgnoringAsciiCase(order, "descending")) return true;
  return wrong("sortOrder", "ascending or descending");
}

/// Reads members of a SearchRequest; their names are compared without case (RFC 7643 §2.1). After
/// the first failure everything is absent.
class Members {
 public:
  explicit Members(const json::Object& object) : object_(object) {}

  std::optional<std::string> text(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (const auto* text = value->string()) return *text;
    fail(name, "a string");
    return std::nullopt;
  }

  std::optional<std::int64_t> integer(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->isNumber()) {
      if (const auto number = value->number()->asInt64()) return number;
    }
    fail(name, "a whole number");
    return std::nullopt;
  }

  /// A list of names; one text is taken too.
  std::vector<std::string> names(std::string_view name) {
    const auto* value = find(name);
    if (value == nullptr) return {};
    if (const auto* text = value->string()) return {*text};
    std::vector<std::string> names;
    bool texts = value->isArray();
    if (texts) {
      for (const auto& element : *value->array()) {
        texts = texts && element.isString();
        if (texts) names.push_back(*element.string());
      }
    }
    if (texts) return names;
    fail(name, "an array of attribute names");
    return {};
  }

  [[nodiscard]] const std::optional<Error>& error() const { return error_; }

 private:
  const json::Value* find(std::string_view name) const {
    if (error_) return nullptr;
    const auto* value = object_.findIgnoringCase(name);
    return value == nullptr || value->isNull() ? nullptr : value;
  }
  void fail(std::string_view name, std::string_view expected) {
    error_ = wrong(name, expected).value();
  }

  const json::Object& object_;
  std::optional<Error> error_;
};

bool isSearchRequest(const json::Object& body) {
  const auto* schemas = body.findIgnoringCase("schemas");
  if (schemas == nullptr || !schemas->isArray()) return false;
  for (const auto& schema : *schemas->array()) {
    if (schema.isString() && equalIgnoringAsciiCase(*schema.string(), scim::kSearchRequestSchema)) {
      return true;
    }
  }
  return false;
}

}  // namespace

Result<directory::ListRequest> readListRequest(const Request& request) {
  directory::ListRequest list;
  if (auto once = requireOnce(request); !once) return propagate(once);
  if (const auto filter = request.queryValue("filter")) {
    list.has_filter = true;
    list.filter = std::string(*filter);
  }
  auto start = integerParameter(request, "startIndex");
  if (!start) return propagate(start);
  list.start_index = *start;
  auto count = integerParameter(request, "count");
  if (!count) return propagate(count);
  list.count = *count;
  list.sort_by = std::string(request.queryValue("sortBy").value_or(""));
  auto descending = isDescending(request.queryValue("sortOrder").value_or(""));
  if (!descending) return propagate(descending);
  list.descending = *descending;
  if (const auto cursor = request.queryValue("cursor")) list.cursor = std::string(*cursor);
  return list;
}

Result<SearchRequest> readSearchRequest(const json::Value& body) {
  if (!body.isObject() || !isSearchRequest(*body.object())) {
    return failure(ErrorKind::kInvalidSyntax, "the body is a message of the schema " +
                                                  std::string(scim::kSearchRequestSchema));
  }
  Members members(*body.object());
  SearchRequest search;
  if (auto filter = members.text("filter")) {
    search.list.has_filter = true;
    search.list.filter = *std::move(filter);
  }
  search.list.start_index = members.integer("startIndex");
  search.list.count = members.integer("count");
  search.list.sort_by = members.text("sortBy").value_or("");
  const std::string order = members.text("sortOrder").value_or("");
  search.list.cursor = members.text("cursor");
  search.attributes = members.names("attributes");
  search.excluded_attributes = members.names("excludedAttributes");
  search.domain = members.text("domain");
  if (members.error()) return tl::make_unexpected(*members.error());
  auto descending = isDescending(order);
  if (!descending) return propagate(descending);
  search.list.descending = *descending;
  return search;
}

}  // namespace vestibule::http
