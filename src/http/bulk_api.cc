#include "http/bulk_api.h"

#include <malloc.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "http/error_response.h"
#include "http/scim_request.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/message.h"
#include "scim/resource/render.h"

namespace vestibule::http {
namespace {

/// Operations hold whole resources: `Operations`, its elements and their `data` lie around them.
constexpr std::size_t kMoreDepth = 3;
/// No value of a request that means something is shorter on average.
constexpr std::size_t kBytesPerValue = 8;

json::Limits jsonLimits(const directory::ServiceLimits& limits) {
  json::Limits json;
  json.depth += kMoreDepth;
  json.elements = std::max<std::size_t>(json.elements, limits.bulk_payload_bytes / kBytesPerValue);
  return json;
}

int statusOfSuccess(scim::BulkMethod method) {
  switch (method) {
    case scim::BulkMethod::kPost:
      return 201;
    case scim::BulkMethod::kDelete:
      return 204;
    default:
      return 200;
  }
}

void appendMember(std::string& out, std::string_view key, std::string_view text) {
  out += ",\"";
  out += key;
  out += "\":";
  json::appendString(out, text);
}

void appendResult(std::string& out, const directory::BulkResult& result) {
  out += R"({"method":")";
  out += scim::nameOf(result.method);
  out += '"';
  if (!result.bulk_id.empty()) appendMember(out, "bulkId", result.bulk_id);
  if (result.version) appendMember(out, "version", scim::etag(*result.version));
  if (!result.location.empty()) appendMember(out, "location", result.location);
  if (!result.error) {
    appendMember(out, "status", std::to_string(statusOfSuccess(result.method)));
  } else {
    const Response error = scimError(*result.error);
    appendMember(out, "status", std::to_string(error.status));
    out += R"(,"response":)";
    out += error.body;
  }
  out += '}';
}

}  // namespace

Response answerBulk(directory::Bulk& bulk, const directory::ServiceLimits& limits,
                    const directory::View& view, const Request& request) {
  if (!isJsonContent(request)) {
    return scimRefusal(
        415, "the body must be application/scim+json or application/json in UTF-8, not encoded");
  }
  auto results = bulk.run(view, [&] { return readJsonBody(request, jsonLimits(limits)); });
  // The allocator keeps what a large request took, once for each thread that ran one.
  ::malloc_trim(0);
  if (!results) return scimError(results.error());

  Response response;
  response.headers.set("Content-Type", "application/scim+json");
  std::string& out = response.body;
  out += R"({"schemas":[)";
  json::appendString(out, scim::kBulkResponseSchema);
  out += R"(],"Operations":[)";
  for (const auto& result : *results) {
    if (out.back() != '[') out += ',';
    appendResult(out, result);
  }
  out += "]}";
  return response;
}

}  // namespace vestibule::http
