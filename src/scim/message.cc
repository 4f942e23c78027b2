#include "scim/message.h"

#include "json/write.h"

namespace vestibule::scim {

std::string listResponse(std::uint64_t total, std::uint64_t start_index,
                         const std::vector<std::string>& resources) {
  std::size_t size = 200;
  for (const auto& resource : resources) size += resource.size() + 1;
  std::string out;
  out.reserve(size);
  out += R"({"schemas":[)";
  json::appendString(out, kListResponseSchema);
  out += R"(],"totalResults":)";
  out += std::to_string(total);
  out += R"(,"startIndex":)";
  out += std::to_string(start_index);
  out += R"(,"itemsPerPage":)";
  out += std::to_string(resources.size());
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
