#pragma once
// What `serve` answers by, without its listeners. For programs that are linked with the room app.

#include <memory>
#include <stdexcept>
#include <utility>

#include "app/config.h"
#include "app/routes.h"
#include "app/stack.h"
#include "base/metrics.h"
#include "feed/event_metrics.h"
#include "feed/event_source.h"
#include "http/operation_waits.h"
#include "http/tolerance_report.h"
#include "outbound/waits.h"

namespace vestibule::test {

/// The stack of a configuration, and the routes over it, which must not outlive this. Throws
/// std::runtime_error when the stack cannot be opened.
class ServedRoutes {
 public:
  explicit ServedRoutes(app::Config config, const app::StackOptions& options = {})
      : config_(std::move(config)), stack_(opened(config_, options)) {}

  [[nodiscard]] const app::Config& config() const { return config_; }
  [[nodiscard]] app::Stack& stack() { return *stack_; }

  [[nodiscard]] http::Router outside() { return app::publicRoutes(parts()); }
  [[nodiscard]] http::Router inside() {
    http::JitApiOptions options;
    options.origin.url = "https://id.example";
    options.waits = &operations_;
    options.outbound = &outbound_;
    return app::internalRoutes(parts(), options, nullptr, metrics_);
  }

 private:
  static std::unique_ptr<app::Stack> opened(const app::Config& config,
                                            const app::StackOptions& options) {
    auto stack = app::Stack::open(config, options);
    if (!stack) throw std::runtime_error(stack.error().detail + " " + stack.error().internal);
    return *std::move(stack);
  }
  [[nodiscard]] app::RouteParts parts() {
    return {config_, *stack_, tolerances_, outbound_, {events_, event_metrics_, nullptr}};
  }

  const app::Config config_;
  const std::unique_ptr<app::Stack> stack_;
  Metrics metrics_;
  const http::ToleranceReport tolerances_{metrics_};
  const feed::EventMetrics event_metrics_{metrics_};
  feed::EventSource events_{stack_->context(), {"vestibule", ""}};
  outbound::Waits outbound_{stack_->context(), 1};
  http::OperationWaits operations_{http::endedOperations(stack_->context())};
};

}  // namespace vestibule::test
