// The threads of a server, as targets come and go.

#include "outbound/workers.h"

#include <pthread.h>

#include "contract/outbound/outbound_test.h"

namespace vestibule::outbound::test {
namespace {

class WorkersTest : public OutboundTest {
 protected:
  /// How many marks the workers have counted; 0 while they have not.
  static std::uint64_t counted(Workers& workers) {
    std::uint64_t number = 0;
    const auto counts = workers.counts();
    if (!counts) return 0;
    for (const auto& count : *counts) number += count.number;
    return number;
  }
};

/// As long as it lives the system has no thread for anybody.
class NoThreads {
 public:
  NoThreads() {
    pthread_getattr_default_np(&usual_);
    pthread_attr_t huge;
    pthread_getattr_default_np(&huge);
    pthread_attr_setstacksize(&huge, std::size_t{1} << 46U);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~NoThreads() {
    pthread_setattr_default_np(&usual_);
    pthread_attr_destroy(&usual_);
  }
  NoThreads(const NoThreads&) = delete;
  NoThreads& operator=(const NoThreads&) = delete;

 private:
  pthread_attr_t usual_{};
};

TEST_F(WorkersTest, BeginOnceThereIsAThreadForThem) {
  Workers workers(context_, fast());
  {
    const NoThreads none;
    // Nothing listens there: that it was tried is enough.
    target(R"({"baseUrl": "http://127.0.0.1:1"})");
    user("ada");
    await([&] { return counted(workers) == 1; });
    user("bob");
    await([&] { return counted(workers) == 2; });
    ASSERT_EQ(marks("attempts > 0"), 0U) << "there was no thread, for several looks";
  }
  await([&] { return marks("attempts > 0") == 1; });
}

TEST_F(WorkersTest, ForgetWhatIsLeftOfATargetThatIsGone) {
  target(R"({"groups": ["*"]})", "hr");
  target(R"({"groups": ["*"]})", "crm");
  const auto ada = user("ada");
  group("staff", {ada});
  {
    const auto worker = start("hr");
    await([&] { return service.groups() == Lines{"staff: ada"} && marks() == 2; });
  }
  user("bob");
  // As if the server had died while it removed the target.
  const auto number = std::to_string(must(targetRow(context_, "hr")).number);
  onlooker_.run("DELETE FROM " + table("control.outbound_targets") + " WHERE number = " + number);
  onlooker_.run("UPDATE " + table("control.outbound_targets") + " SET enabled = 0");
  must(catalog_->refresh());
  const auto left = [&] {
    std::uint64_t rows = 0;
    for (const char* kept : {"outbound_pending", "outbound_links", "outbound_members"}) {
      rows += onlooker_.number("SELECT COUNT(*) FROM " + table(std::string("control.") + kept) +
                               " WHERE target = " + number);
    }
    return rows;
  };
  ASSERT_EQ(left(), 4U) << "a mark, two links and a member";
  const Workers workers(context_, fast());
  await([&] { return left() == 0; });
  EXPECT_EQ(marks(), 3U) << "those of the other target stay";
}

}  // namespace
}  // namespace vestibule::outbound::test
