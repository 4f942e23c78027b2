#include "base/log.h"
#include "directory/tokens.h"
#include "http/admin_api.h"
#include "http/admin_request.h"
#include "http/error_response.h"

namespace vestibule::http {
namespace {

tl::unexpected<Error> wrong(const std::string& key, const std::string& what) {
  return failure(ErrorKind::kInvalidValue, what, key);
}

Result<directory::TokenRequest> readTokenRequest(const json::Value& body) {
  if (!body.isObject()) {
    return failure(ErrorKind::kInvalidSyntax, "a token request is a JSON object");
  }
  directory::TokenRequest wanted;
  for (const auto& [key, value] : *body.object()) {
    if (key == "name" && value.isString()) {
      wanted.name = *value.string();
    } else if (key == "scopes" && value.isString()) {
      wanted.scopes = *value.string();
    } else if (key == "domains" && value.isArray()) {
      wanted.domains.emplace();
      for (const auto& domain : *value.array()) {
        if (!domain.isString()) return wrong(key, "domains is a list of names");
        wanted.domains->push_back(*domain.string());
      }
    } else if (key == "expires" && value.isString()) {
      wanted.expires = parseTimestamp(*value.string());
      if (!wanted.expires) return wrong(key, "expires is a date and time, as 2027-01-31T12:00:00Z");
    } else if (key == "expires" && value.isNull()) {
      wanted.expires.reset();
    } else if (key == "tolerances" && value.isString()) {
      wanted.tolerances = *value.string();
    } else if (key == "tolerances" && value.isNull()) {
      wanted.tolerances.reset();
    } else {
      return wrong(printable(key, 64), "unknown key, or a value of the wrong type");
    }
  }
  return wanted;
}

}  // namespace

void addTokenRoutes(Router& router, const directory::Context& context) {
  router.add(Method::kGet, "/admin/v1/tokens",
             adminOnly(context, [](const Request&, const Caller& caller) {
               if (auto may = requireAllDomains(caller); !may) return problem(may.error());
               json::Array tokens;
               for (const auto& token : caller.catalog->tokens()) {
                 tokens.emplace_back(directory::describeToken(token, *caller.catalog));
               }
               json::Object body;
               body.set("tokens", std::move(tokens));
               return adminAnswer(200, std::move(body));
             }));
  router.add(Method::kPost, "/admin/v1/tokens",
             adminWithBody(context, [&context](const Request&, const Caller& caller,
                                               const json::Value& body) {
               if (auto may = requireAllDomains(caller); !may) return problem(may.error());
               auto wanted = readTokenRequest(body);
               if (!wanted) return problem(wanted.error());
               auto made = directory::createToken(context, *wanted);
               if (!made) return problem(made.error());
               auto shown = directory::describeToken(made->row, *context.catalog->current());
               shown.set("token", made->text);
               return adminAnswer(201, std::move(shown));
             }));
  router.add(Method::kDelete, "/admin/v1/tokens/{name}",
             adminOnly(context, [&context](const Request& request, const Caller& caller) {
               if (auto may = requireAllDomains(caller); !may) return problem(may.error());
               auto revoked = directory::revokeToken(context, request.parameter("name"));
               if (!revoked) return problem(revoked.error());
               Response response;
               response.status = 204;
               return response;
             }));
}

}  // namespace vestibule::http
