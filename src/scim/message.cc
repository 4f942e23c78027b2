#include "scim/message.h"

#include "json/write.h"

namespace vestibule::scim {

std::string listResponse(const ListHead& head, const std::vector<std::string>& resources) {
  std::size_t size = 200 + head.next_cursor.size();
  for (const auto& resource : resources) size += resource.size() + 1;
  std::string out;
  out.reserve(size);
  out += R"({"schemas":[)";
  json::appendString(out, kListResponseSchema);
  out += ']';
  if (head.total) out += R"(,"totalResults":)" + std::to_string(*head.total);
  if (head.start_index) out += R"(,"startIndex":)" + std::to_string(*head.start_index);
  out += R"(,"itemsPerPage":)" + std::to_string(resources.size());
  if (!head.next_cursor.empty()) {
    out += R"(,"nextCursor":)";
    json::appendString(out, head.next_cursor);
  }
  out += R"(,"Resources":[)";
  for (const auto& resource : resources) {
    if (out.back() != '[') out += ',';
    out += resource;
  }
  out += "]}";
  return out;
}

std::string errorBody(int status, std::string_view scim_type, std::string_view detail) {
  std::string out = R"({"schemas":[)";
  json::appendString(out, kErrorSchema);
  out += R"(],"status":")";
  out += std::to_string(status);
  out += '"';
  if (!scim_type.empty()) {
    out += R"(,"scimType":)";
    json::appendString(out, scim_type);
  }
  out += R"(,"detail":)";
  json::appendString(out, detail);
  out += '}';
  return out;
}

std::string_view scimType(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kInvalidSyntax:
      return "invalidSyntax";
    case ErrorKind::kInvalidValue:
      return "invalidValue";
    case ErrorKind::kInvalidFilter:
      return "invalidFilter";
    case ErrorKind::kInvalidPath:
      return "invalidPath";
    case ErrorKind::kNoTarget:
      return "noTarget";
    case ErrorKind::kMutability:
      return "mutability";
    case ErrorKind::kUniqueness:
      return "uniqueness";
    case ErrorKind::kInvalidCursor:
      return "invalidCursor";
    case ErrorKind::kExpiredCursor:
      return "expiredCursor";
    case ErrorKind::kInvalidCount:
      return "invalidCount";
    case ErrorKind::kTooMany:
      return "tooMany";
    case ErrorKind::kInvalidVersion:
      return "invalidVers";
    case ErrorKind::kSensitive:
      return "sensitive";
    default:
      return "";
  }
}

}  // namespace vestibule::scim
