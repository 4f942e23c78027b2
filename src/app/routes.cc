#include "app/routes.h"

#include "http/admin_api.h"
#include "http/admin_outbound.h"
#include "http/forward_auth.h"
#include "http/health.h"
#include "http/jit_decisions.h"
#include "http/jit_prompts.h"
#include "http/metrics_api.h"
#include "http/prompt_api.h"
#include "http/scim_api.h"

namespace vestibule::app {

http::Router publicRoutes(const RouteParts& parts) {
  Stack& stack = parts.stack;
  const auto& server = parts.config.server;
  http::Router routes;
  http::addHealthRoutes(routes, stack.context(), stack.migrations());
  http::addScimRoutes(
      routes, stack.context(),
      {server.public_url, &parts.tolerances, parts.config.scim.require_if_match, &parts.outbound});
  http::addPromptRoutes(routes, stack.context(), stack.identityProviders(), stack.themes(),
                        server.public_url);
  http::addEventRoutes(routes, stack.context(), parts.events);
  return routes;
}

http::Router internalRoutes(const RouteParts& parts, const http::JitApiOptions& jit_options,
                            const std::function<void()>& marked, const Metrics& metrics) {
  Stack& stack = parts.stack;
  const auto& context = stack.context();
  auto& providers = stack.identityProviders();
  http::Router routes;
  http::addHealthRoutes(routes, context, stack.migrations());
  http::addMetricsRoute(routes, context, metrics);
  http::addDomainRoutes(routes, context, stack.migrations());
  http::addIdentityProviderRoutes(routes, context, providers);
  http::addConsentPurposeRoutes(routes, context, providers.consentPurposes());
  http::addConsentRoutes(routes, context, providers.consentPurposes());
  http::addForwardAuthRoute(routes, context, providers);
  http::addTokenRoutes(routes, context);
  http::addTokenIssuerRoutes(routes, context);
  http::addEventStreamRoutes(routes, context);
  http::addFederatedIdentityRoutes(routes, context);
  http::addJitRoutes(routes, context, providers, jit_options);
  http::addPromptStateRoute(routes, context, providers, jit_options.origin);
  http::addAuditRoutes(routes, context);
  http::addDecisionRoutes(routes, context);
  http::addOperationRoutes(routes, context, providers, jit_options);
  http::addOutboundRoutes(routes, context, marked);
  http::addQueueRoutes(routes, context, jit_options.queued);
  return routes;
}

}  // namespace vestibule::app
