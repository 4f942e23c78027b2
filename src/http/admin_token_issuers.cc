#include "directory/token_issuers.h"
#include "http/admin_api.h"
#include "http/admin_settings.h"

namespace vestibule::http {

void addTokenIssuerRoutes(Router& router, const directory::Context& context) {
  addSettingsRoutes(
      router, context,
      {.collection = "/admin/v1/token-issuers", .parameter = "name", .member = "tokenIssuers"},
      directory::kTokenIssuerSettings);
}

}  // namespace vestibule::http
