#include "http/admin_request.h"

#include <charconv>

#include "base/unicode.h"
#include "http/error_response.h"
#include "http/scim_request.h"
#include "json/parse.h"
#include "json/write.h"
#include "scim/resource/render.h"

namespace vestibule::http {
namespace {

bool isMergePatch(const Request& request) {
  const auto type = request.headers.first("Content-Type").value_or("");
  return !isEncoded(request) &&
         equalIgnoringAsciiCase(type.substr(0, type.find(';')), "application/merge-patch+json");
}

}  // namespace

Response adminAnswer(int status, const json::Value& body, std::optional<Version> version) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", "application/json");
  if (version) response.headers.set("ETag", scim::etag(*version));
  response.body = json::write(body);
  return response;
}

Handler adminOnly(const directory::Context& context, AdminHandler handle) {
  return [&context, handle = std::move(handle)](const Request& request) {
    auto caller = authorize(request, context.catalog->current(), directory::Scope::kAdmin);
    return caller ? handle(request, *caller) : problem(caller.error());
  };
}

Handler adminWithBody(const directory::Context& context, AdminBodyHandler handle) {
  return adminOnly(
      context, [handle = std::move(handle)](const Request& request, const Caller& caller) {
        if (!isJsonContent(request) && !isMergePatch(request)) {
          return problemRefusal(415, "the body must be application/json in UTF-8, not encoded");
        }
        auto body = readJsonBody(request);
        return body ? handle(request, caller, *body) : problem(body.error());
      });
}

Result<std::optional<Version>> expectedVersion(const Request& request) {
  auto conditions = readPreconditions(request);
  if (!conditions) return propagate(conditions);
  if (!conditions->has_if_match || conditions->if_match_any) return std::nullopt;
  std::string_view tag = conditions->if_match.front();
  if (tag.substr(0, 2) == "W/") tag.remove_prefix(2);
  std::uint64_t number = 0;
  const auto* end = tag.data() + tag.size() - 1;
  const auto read = std::from_chars(tag.data() + 1, end, number);
  if (read.ec != std::errc() || read.ptr != end || conditions->if_match.size() != 1) {
    return failure(ErrorKind::kVersionMismatch, "If-Match names no version of this");
  }
  return Version(number);
}

Result<void> requireAllDomains(const Caller& caller) {
  if (caller.principal->all_domains) return {};
  return failure(ErrorKind::kForbidden,
                 "the token is bound to domains; this needs one that is bound to none");
}

}  // namespace vestibule::http
