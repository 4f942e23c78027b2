// A connection to the database that breaks after any byte of an answer: that is a failure, wherever
// in the answer it is, and never an answer with less in it.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <thread>

#include "contract/store/database_fixture.h"
#include "store/prepared_query.h"
#include "support/temporary_folder.h"

namespace vestibule::store::test {
namespace {

sockaddr_un addressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

/// Carries one connection to the private database, and ends it behind so many bytes of what the
/// database says.
class Cutter {
 public:
  Cutter() : listener_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
    const auto here = addressOf(path());
    if (::bind(listener_, reinterpret_cast<const sockaddr*>(&here), sizeof here) != 0 ||
        ::listen(listener_, 1) != 0) {
      throw std::runtime_error("cannot listen");
    }
    thread_ = std::thread([this] { carry(); });
  }
  ~Cutter() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  Cutter(const Cutter&) = delete;
  Cutter& operator=(const Cutter&) = delete;

  [[nodiscard]] std::string path() const { return (folder_.path() / "s").string(); }
  /// Nothing that the database says after so many more bytes arrives.
  void cutAfter(std::int64_t bytes) { left_ = bytes; }
  /// Bytes that have arrived.
  [[nodiscard]] std::int64_t carried() const { return carried_; }

 private:
  void carry() {
    const int client = ::accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    const int server = ::socket(AF_UNIX, SOCK_STREAM, 0);
    const auto there = addressOf(vestibule::test::privateDatabaseSocket());
    if (::connect(server, reinterpret_cast<const sockaddr*>(&there), sizeof there) == 0) {
      std::thread asks([&] {
        std::array<char, 4096> buffer{};
        for (ssize_t size = 0; (size = ::recv(client, buffer.data(), buffer.size(), 0)) > 0;) {
          ::send(server, buffer.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL);
        }
        ::shutdown(server, SHUT_RDWR);
      });
      answer(server, client);
      ::shutdown(client, SHUT_RDWR);
      asks.join();
    }
    ::close(server);
    ::close(client);
  }
  void answer(int server, int client) {
    std::array<char, 4096> buffer{};
    for (ssize_t size = 0; (size = ::recv(server, buffer.data(), buffer.size(), 0)) > 0;) {
      const auto passes = std::min<std::int64_t>(size, left_);
      // Counted before anybody can know that they have come.
      carried_ += passes;
      left_ -= passes;
      ::send(client, buffer.data(), static_cast<std::size_t>(passes), MSG_NOSIGNAL);
      if (passes < size) return;
    }
  }
  vestibule::test::TemporaryFolder folder_;
  int listener_;
  std::atomic<std::int64_t> left_{INT64_MAX};
  std::atomic<std::int64_t> carried_{0};
  std::thread thread_;
};

/// What is asked; nothing when it is answered in full.
using Ask = std::function<std::optional<Error>(Session&)>;

std::unique_ptr<Session> connectBy(const Cutter& cutter) {
  auto options = privateOptions();
  options.url = "mysql://root@/?socket=" + cutter.path();
  auto session = Session::connect(options);
  if (!session) throw std::runtime_error(session.error().internal);
  return *std::move(session);
}

/// Asks over connections that are cut behind 0, 1, … bytes of the answer.
void expectUnavailableWhereverCut(const Ask& ask) {
  std::int64_t whole = 0;
  {
    Cutter cutter;
    const auto session = connectBy(cutter);
    const auto before = cutter.carried();
    ASSERT_FALSE(ask(*session));
    whole = cutter.carried() - before;
  }
  ASSERT_GT(whole, 100);
  for (std::int64_t bytes = 0; bytes < whole; ++bytes) {
    Cutter cutter;
    const auto session = connectBy(cutter);
    cutter.cutAfter(bytes);
    const auto error = ask(*session);
    ASSERT_TRUE(error) << "of " << whole << " bytes came " << bytes;
    EXPECT_EQ(error->kind, ErrorKind::kUnavailable)
        << "of " << whole << " bytes came " << bytes << ": " << error->internal;
    EXPECT_TRUE(session->unusable()) << bytes;
  }
}

TEST(CutConnection, OfABatchIsUnavailable) {
  expectUnavailableWhereverCut([](Session& session) -> std::optional<Error> {
    StatementBatch batch;
    batch.add("SELECT 'one' AS first").add("DO 1").add("SELECT 'two' AS a, 'three' AS b");
    const auto results = batch.run(session);
    if (!results) return results.error();
    EXPECT_EQ(results->size(), 3U);
    return std::nullopt;
  });
}

TEST(CutConnection, OfAPreparedQueryIsUnavailable) {
  expectUnavailableWhereverCut([](Session& session) -> std::optional<Error> {
    const std::string key = "a key";
    std::string bytes;
    PreparedQuery query("SELECT ? UNION ALL SELECT 'end'");
    query.use(key);
    query.into(bytes, 4);
    for (int times = 0; times < 2; ++times) {
      if (auto executed = query.execute(session); !executed) return executed.error();
      for (std::size_t rows = 0;; ++rows) {
        auto fetched = query.fetch(session);
        if (!fetched) return fetched.error();
        if (!*fetched) {
          EXPECT_EQ(rows, 2U);
          break;
        }
      }
    }
    return std::nullopt;
  });
}

}  // namespace
}  // namespace vestibule::store::test
