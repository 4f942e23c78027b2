// Requests that wait for targets that block.

#include "outbound/waits.h"

#include <atomic>

#include "contract/outbound/outbound_test.h"

namespace vestibule::outbound::test {
namespace {

class WaitsTest : public OutboundTest {
 protected:
  void blocking(const std::string& members, const std::string& name = "hr") {
    target(R"({"blocking": {"enabled": true, )" + members + "}}", name);
  }
  /// `name=state`, with `!` behind what is an error.
  Lines settle(Waits& waits, const ResourceId& id) {
    Lines lines;
    for (const auto& settled : waits.settle(id, "request")) {
      lines.push_back(settled.target + "=" + std::string(nameOf(settled.state)) +
                      (settled.is_error ? "!" : ""));
    }
    return lines;
  }
  WorkerOptions telling(Waits& waits) {
    auto options = fast();
    options.looked = [&waits] { waits.look(); };
    return options;
  }
  std::uint64_t audited() {
    return onlooker_.number("SELECT COUNT(*) FROM " + table("control.audit_events") +
                            " WHERE action = 'outbound.not_sent' AND correlation_id = 'request'");
  }
};

TEST_F(WaitsTest, AskNothingWhereNoTargetBlocks) {
  target();
  Waits waits(context_);
  const auto ada = user("ada");
  EXPECT_EQ(settle(waits, ada), Lines{}) << "the settings are read once";
  const auto before = onlooker_.statements();
  EXPECT_EQ(settle(waits, ada), Lines{});
  EXPECT_EQ(onlooker_.statements() - before, 0U);
}

TEST_F(WaitsTest, EndWhenTheTargetIsDone) {
  blocking(R"("seconds": 60)");
  Waits waits(context_);
  std::atomic<int> woken{0};
  waits.wakeBy([&] { ++woken; });
  const auto worker = start("hr", telling(waits));
  const auto ada = user("ada");
  EXPECT_EQ(settle(waits, ada), Lines{"hr=done"});
  EXPECT_EQ(service.users(), Lines{"ada"});
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(audited(), 0U);
}

TEST_F(WaitsTest, EndWhenTheTargetRefuses) {
  blocking(R"("seconds": 60, "onFailure": "error")");
  service.answerAll(400);
  Waits waits(context_);
  const auto worker = start("hr", telling(waits));
  const auto ada = user("ada");
  EXPECT_EQ(settle(waits, ada), Lines{"hr=failed!"});
  EXPECT_EQ(audited(), 1U);
}

TEST_F(WaitsTest, EndAtTheLimit) {
  blocking(R"("seconds": 1)", "slow");
  target("{}", "other");
  Waits waits(context_);
  const auto ada = user("ada");
  EXPECT_EQ(settle(waits, ada), Lines{"slow=waiting"}) << "nobody sends";
  EXPECT_EQ(audited(), 1U);
}

TEST_F(WaitsTest, LetOnlySoManyWait) {
  blocking(R"("seconds": 60)");
  Waits waits(context_, 0);
  const auto ada = user("ada");
  EXPECT_EQ(settle(waits, ada), Lines{"hr=waiting"}) << "told at once";
}

TEST_F(WaitsTest, LetEverybodyGoWhenStopped) {
  blocking(R"("seconds": 60)");
  Waits waits(context_);
  const auto ada = user("ada");
  std::thread stopper([&] { waits.stop(); });
  EXPECT_EQ(settle(waits, ada), Lines{"hr=waiting"});
  stopper.join();
}

}  // namespace
}  // namespace vestibule::outbound::test
