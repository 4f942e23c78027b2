#include "http/admin_request.h"

#include <fmt/format.h>
#include <charconv>

#include "base/unicode.h"
#include "http/correlation.h"
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

Response noContent() {
  Response response;
  response.status = 204;
  return response;
}

directory::Author authorOf(const Request& request, const Caller& caller) {
  return {caller.principal->token_id, caller.principal->name, correlationIdOf(request)};
}

Handler adminOnly(const directory::Context& context, AdminHandler handle) {
  return [&context, handle = std::move(handle)](const Request& request) {
    auto caller = authorize(request, context, directory::Scope::kAdmin);
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

Handler sharedOnly(const directory::Context& context, AdminHandler handle) {
  return adminOnly(context,
                   [handle = std::move(handle)](const Request& request, const Caller& caller) {
                     if (auto may = requireAllDomains(caller); !may) return problem(may.error());
                     return handle(request, caller);
                   });
}

Handler sharedWithBody(const directory::Context& context, AdminBodyHandler handle) {
  return adminWithBody(context,
                       [handle = std::move(handle)](const Request& request, const Caller& caller,
                                                    const json::Value& body) {
                         if (auto may = requireAllDomains(caller); !may) {
                           return problem(may.error());
                         }
                         return handle(request, caller, body);
                       });
}

Result<std::uint64_t> pageSizeOf(const Request& request) {
  constexpr std::uint64_t kDefault = 100;
  constexpr std::uint64_t kMost = 1'000;
  const auto text = request.queryValue("count");
  if (!text) return kDefault;
  std::uint64_t count = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (error != std::errc() || end != text->data() + text->size() || count == 0 || count > kMost) {
    return failure(ErrorKind::kInvalidValue, "count is a number from 1 to " + std::to_string(kMost),
                   "count");
  }
  return count;
}

std::string pathOf(std::string_view collection, std::string_view name) {
  constexpr std::string_view kUnreserved =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
  std::string path(collection);
  path += '/';
  for (const char c : name) {
    if (kUnreserved.find(c) != std::string_view::npos) {
      path += c;
    } else {
      path += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return path;
}

Result<void> requireAllDomains(const Caller& caller) {
  if (caller.principal->all_domains) return {};
  return failure(ErrorKind::kForbidden,
                 "the token is bound to domains; this needs one that is bound to none");
}

}  // namespace vestibule::http
