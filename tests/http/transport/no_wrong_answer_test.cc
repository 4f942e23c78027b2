// No client ever gets an answer that is meant for another. Half of the clients hang up while their
// request is under way, so that the numbers of their sockets are given to others; the rest check
// every answer.

#include <cstdlib>
#include <random>

#include "http/transport/test_server.h"

namespace vestibule::http {
namespace {

std::uint64_t wantedAnswers() {
  const char* count = std::getenv("VESTIBULE_XTALK_ANSWERS");
  return count != nullptr ? std::strtoull(count, nullptr, 10) : 20'000;
}

struct HangUp {
  std::string name;
  bool by_reset;
  std::string path;  ///< answered by a worker or on the I/O thread
};

void PrintTo(const HangUp& how, std::ostream* out) { *out << how.name; }

class NoWrongAnswer : public testing::TestWithParam<HangUp> {};

TEST_P(NoWrongAnswer, WhileOthersHangUp) {
  const auto& how = GetParam();
  TestServer server;
  std::atomic<std::uint64_t> right{0};
  std::atomic<std::uint64_t> wrong{0};
  std::atomic<std::uint64_t> missing{0};
  std::atomic<std::uint64_t> last_id{0};
  const auto wanted = wantedAnswers() / 4;
  const auto client = [&](unsigned seed) {
    std::mt19937 random(seed);
    while (right + wrong < wanted && missing < 100) {
      const auto id = std::to_string(++last_id);
      test::RawClient connection(server.port());
      const bool hangs_up = random() % 2 == 0;
      if (!connection.send(get(how.path + (hangs_up ? "victim" : "other") + id))) {
        ++missing;
        continue;
      }
      if (hangs_up) {
        std::this_thread::sleep_for(std::chrono::microseconds(random() % 300));
        if (how.by_reset) {
          connection.reset();
        } else {
          connection.close();
        }
        continue;
      }
      const auto answer = connection.receive();
      if (!answer) {
        ++missing;
      } else if (answer->status == 200 && answer->body == "id=other" + id) {
        ++right;
      } else {
        ++wrong;
        ADD_FAILURE() << "other" << id << " got " << answer->head << answer->body;
      }
      if (how.by_reset) connection.reset();
    }
  };
  std::vector<std::thread> clients;
  for (unsigned i = 0; i < 16; ++i) clients.emplace_back(client, i + 1);
  for (auto& thread : clients) thread.join();
  EXPECT_EQ(wrong, 0U);
  EXPECT_EQ(missing, 0U);
  EXPECT_GE(right, wanted);
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Transport, NoWrongAnswer,
                         testing::Values(HangUp{"ResetWorker", true, "/id/"},
                                         HangUp{"CloseWorker", false, "/id/"},
                                         HangUp{"ResetInline", true, "/inline/"},
                                         HangUp{"CloseInline", false, "/inline/"}),
                         [](const testing::TestParamInfo<HangUp>& row) { return row.param.name; });

}  // namespace
}  // namespace vestibule::http
