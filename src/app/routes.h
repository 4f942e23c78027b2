#pragma once
// Which handlers answer on which address.

#include "app/config.h"
#include "app/stack.h"
#include "base/metrics.h"
#include "http/event_api.h"
#include "http/jit_api.h"
#include "http/router.h"
#include "http/tolerance_report.h"

namespace vestibule::outbound {
class Waits;
}

namespace vestibule::app {

/// What the handlers work with. All of it outlives the routers.
struct RouteParts {
  const Config& config;
  Stack& stack;
  const http::ToleranceReport& tolerances;
  outbound::Waits& outbound;
  http::EventApiParts events;
};

/// The public address: SCIM, and the prompts.
[[nodiscard]] http::Router publicRoutes(const RouteParts& parts);

/// The internal address: gateways, administration, metrics. `marked` is called when there is
/// something to be sent to outbound targets.
[[nodiscard]] http::Router internalRoutes(const RouteParts& parts,
                                          const http::JitApiOptions& jit_options,
                                          const std::function<void()>& marked,
                                          const Metrics& metrics);

}  // namespace vestibule::app
