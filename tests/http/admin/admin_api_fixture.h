#pragma once
// The admin endpoints without a socket, on a database of the test's own.

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "contract/jit/jit_test.h"
#include "directory/tokens.h"
#include "http/admin_api.h"

namespace vestibule::http {

class AdminApi : public jit::test::JitTest {
 protected:
  AdminApi() {
    addDomainRoutes(router_, context_, migrations_);
    addIdentityProviderRoutes(router_, context_, *providers_);
    addConsentPurposeRoutes(router_, context_, purposes_);
    addConsentRoutes(router_, context_, purposes_);
    addTokenRoutes(router_, context_);
    addTokenIssuerRoutes(router_, context_);
    addFederatedIdentityRoutes(router_, context_);
    addAuditRoutes(router_, context_);
    token_ = must(directory::createToken(context_, {"operator", "admin", {}, {}})).text;
  }

  Response ask(Method method, const std::string& path, const std::string& body = "",
               const std::string& if_match = "") {
    Request request;
    request.method = method;
    request.path = path.substr(0, path.find('?'));
    auto query = path.find('?') == std::string::npos ? "" : path.substr(path.find('?') + 1);
    while (!query.empty()) {
      const auto one = query.substr(0, query.find('&'));
      query.erase(0, one.size() + 1);
      request.query.emplace_back(one.substr(0, one.find('=')), one.substr(one.find('=') + 1));
    }
    request.body = body;
    request.headers.add("Content-Type", "application/json");
    request.headers.add("Authorization", "Bearer " + token_);
    if (!if_match.empty()) request.headers.add("If-Match", if_match);
    const auto match = router_.find(request.method, request.path);
    request.parameters = match.parameters;
    return match.route->handler(request);
  }
  Response askBound(const std::vector<std::string>& domains, Method method, const std::string& path,
                    const std::string& body = "") {
    const auto bound = must(directory::createToken(context_, {"bound", "admin", domains, {}}));
    const auto mine = std::exchange(token_, bound.text);
    auto response = ask(method, path, body);
    token_ = mine;
    must(directory::revokeToken(context_, "bound"));
    return response;
  }
  static json::Value read(const Response& response) { return jit::test::parsed(response.body); }
  static std::string etagOf(const Response& response) {
    return std::string(response.headers.first("ETag").value_or(""));
  }

  static constexpr const char* kDomains = "/admin/v1/domains";
  static constexpr const char* kCorp = "/admin/v1/domains/CORP";
  static constexpr const char* kProviders = "/admin/v1/identity-providers";
  static constexpr const char* kTokens = "/admin/v1/tokens";
  static constexpr const char* kIssuers = "/admin/v1/token-issuers";

  jit::ConsentPurposes purposes_{context_};
  Router router_;
  std::string token_;
};

}  // namespace vestibule::http
