#pragma once
// Event streams on a real database, with receivers on loopback.

#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "contract/jit/jit_test.h"
#include "feed/event_workers.h"
#include "feed/fan_out.h"
#include "feed/streams.h"
#include "support/http_receiver.h"

namespace vestibule::feed::test {

using scim::test::parsed;

class FeedTest : public jit::test::JitTest {
 protected:
  FeedTest() {
    options_.poll = std::chrono::milliseconds(20);
    options_.first_wait = std::chrono::milliseconds(20);
    options_.most_wait = std::chrono::milliseconds(100);
    options_.senders = 2;
  }

  /// Applies a stream; `more` are members behind the comma.
  void stream(const std::string& name, const std::string& kind, const std::string& more) {
    must(applyStream(context_, parsed(R"({"name": ")" + name + R"(", "kind": ")" + kind +
                                      R"(", "audience": ["aud"])" + more + "}")));
  }
  void webhook(const std::string& name, const vestibule::test::HttpReceiver& receiver,
               const std::string& more = "") {
    stream(name, "webhook",
           R"(, "secret": "0123456789abcdef", "url": ")" + receiver.url() + "\"" + more);
  }
  void push(const std::string& name, const vestibule::test::HttpReceiver& receiver,
            const std::string& more = "") {
    stream(name, "push", R"(, "url": ")" + receiver.url() + "\"" + more);
  }
  std::unique_ptr<EventWorkers> start() {
    return std::make_unique<EventWorkers>(context_, source_, metrics_, options_);
  }

  directory::View view() const {
    return must(directory::View::overAllDomains(catalog_->current(), kEverybody,
                                                "https://h.example/scim/v2", {}));
  }
  std::string user(const std::string& name, const std::string& more = "") {
    const auto body =
        parsed(R"({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": ")" +
               name + "\"" + more + "}");
    return must(directory::createUser(context_, view(), body, {})).meta.id.text();
  }
  void patchUser(const std::string& id, const std::string& operation) {
    must(directory::patchUser(
        context_, view(), id,
        parsed(R"({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [)" +
               operation + "]}"),
        {}, {}));
  }
  std::vector<std::string> outbox() {
    return onlooker_.rows("SELECT kinds, version, external_id, attributes FROM " +
                          table("control.event_outbox") + " ORDER BY seq");
  }
  /// Takes everything out of the outbox.
  void fanAll() {
    while (must(fanOut(context_)) != store::FannedOut::kNothing) {
    }
  }
  /// Waits until nothing waits for the stream.
  bool awaitIdle(const std::string& name) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    for (;;) {
      // First the outbox: what leaves it is waiting by then.
      const bool fanned = outbox().empty();
      const auto status = must(streamStatus(context_, name));
      if (fanned && *status.find("waiting")->number()->asInt64() == 0) return true;
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::yield();
    }
  }

  const directory::Principal kEverybody{};
  Metrics all_metrics_;
  EventMetrics metrics_{all_metrics_};
  EventSource source_{context_, {"https://h.example", "https://h.example"}};
  WorkerOptions options_;
};

}  // namespace vestibule::feed::test
