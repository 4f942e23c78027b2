// Keys from a real https server with an authority of its own, and from files.

#include "jose/key_fetch.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <thread>

#include "base/log.h"
#include "jose/key_set.h"
#include "jose/key_sources.h"
#include "support/certificates.h"
#include "support/temporary_folder.h"
#include "support/tls_server.h"
#include "support/token_signer.h"

namespace vestibule::jose {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::httpAnswer;
using test::TlsServer;

class KeyFetch : public ::testing::Test {
 protected:
  KeyFetch() : authority_(folder_.path(), "test"), certificate_(authority_.issue("localhost")) {
    // The proxies of whoever runs the tests have no business here.
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) {
      ::unsetenv(name);
    }
    options_.ca_file = authority_.file();
  }

  Result<FetchedKeys> fetch(const TlsServer& server, const std::string& host = "localhost") {
    return fetchKeys({false, url(server, host)}, options_, stop_);
  }
  static std::string url(const TlsServer& server, const std::string& host = "localhost") {
    return "https://" + host + ":" + std::to_string(server.port()) + "/keys";
  }
  static std::string why(const Result<FetchedKeys>& fetched) {
    return fetched ? "it was read" : fetched.error().internal;
  }
  std::string write(const std::string& name, const std::string& text) const {
    const auto path = folder_.path() / name;
    std::ofstream(path, std::ios::binary) << text;
    return path.string();
  }

  test::TemporaryFolder folder_;
  test::CertificateAuthority authority_;
  test::Certificate certificate_;
  FetchOptions options_;
  std::atomic<bool> stop_{false};
};

TEST_F(KeyFetch, ReadsAUrl) {
  std::string seen;
  TlsServer server(certificate_, [&](const std::string& request) {
    seen = request;
    return httpAnswer(R"({"keys":[]})");
  });
  const auto fetched = fetch(server);
  ASSERT_TRUE(fetched) << fetched.error().internal;
  EXPECT_EQ(fetched->text, R"({"keys":[]})");
  EXPECT_FALSE(fetched->lifetime);
  EXPECT_EQ(seen.rfind("GET /keys HTTP/1.1\r\n", 0), 0U) << seen;
  EXPECT_NE(seen.find("Accept: application/jwk-set+json, application/json\r\n"), std::string::npos);
  EXPECT_EQ(seen.find("Accept-Encoding"), std::string::npos) << "nothing is to be unpacked";
  EXPECT_EQ(seen.find("traceparent"), std::string::npos);
}

TEST_F(KeyFetch, CarriesTheTraceOn) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  std::string seen;
  TlsServer server(certificate_, [&](const std::string& request) {
    seen = request;
    return httpAnswer(R"({"keys":[]})");
  });
  const std::string value = "00-" + trace + "-00f067aa0ba902b7-01";
  const LogScope scope("request", parseTraceParent(value));
  ASSERT_TRUE(fetch(server));
  const auto at = seen.find("traceparent: ");
  ASSERT_NE(at, std::string::npos) << seen;
  const auto sent = parseTraceParent(std::string_view(seen).substr(at + 13, 55));
  EXPECT_EQ(sent.trace_id, trace);
  EXPECT_NE(sent.parent_id, "00f067aa0ba902b7");
  EXPECT_TRUE(sent.sampled);
}

TEST_F(KeyFetch, SaysHowLongTheServerWantsThemKept) {
  const struct {
    std::vector<std::string> lines;
    std::optional<seconds> lifetime;
  } cases[] = {
      {{"Cache-Control: public, max-age=600, must-revalidate"}, seconds(600)},
      {{"cache-control: MAX-AGE=600", "Age: 90"}, seconds(510)},
      {{"Cache-Control: max-age=60", "Age: 90"}, seconds(0)},
      {{"Cache-Control: max-age=600", "Cache-Control: no-store"}, seconds(0)},
      {{"Expires: Thu, 01 Jan 1970 00:00:00 GMT"}, std::nullopt},
  };
  for (const auto& look : cases) {
    TlsServer server(certificate_,
                     [&](const std::string&) { return httpAnswer(R"({"keys":[]})", look.lines); });
    const auto fetched = fetch(server);
    ASSERT_TRUE(fetched) << fetched.error().internal;
    EXPECT_EQ(fetched->lifetime, look.lifetime) << look.lines.front();
  }
}

TEST(CacheControl, IsRead) {
  EXPECT_EQ(lifetimeOf("max-age=5"), seconds(5));
  EXPECT_EQ(lifetimeOf(" private ,max-age=\"5\" "), seconds(5));
  EXPECT_EQ(lifetimeOf("no-cache, max-age=5"), seconds(0));
  EXPECT_EQ(lifetimeOf("max-age=99999999999999999999"), seconds(UINT32_MAX));
  for (const char* text : {"", ",", "public", "max-age", "max-age=", "max-age=-1", "max-age=1.5",
                           "s-maxage=5", "xmax-age=5", "max-age=\""}) {
    EXPECT_FALSE(lifetimeOf(text)) << text;
  }
}

TEST_F(KeyFetch, J9_FollowsNoRedirect) {
  TlsServer target(certificate_, [](const std::string&) { return httpAnswer(R"({"keys":[]})"); });
  TlsServer server(certificate_, [&](const std::string&) {
    return httpAnswer(R"({"keys":[]})", {"Location: " + url(target)}, "302 Found");
  });
  EXPECT_EQ(why(fetch(server)), "the answer has the status 302, and redirects are not followed");
  EXPECT_EQ(server.requests(), 1);
  EXPECT_EQ(target.requests(), 0);
}

TEST_F(KeyFetch, TakesNoStatusBut200) {
  for (const char* status : {"404 Not Found", "500 Internal Server Error", "204 No Content",
                             "203 Non-Authoritative Information"}) {
    TlsServer server(certificate_,
                     [&](const std::string&) { return httpAnswer(R"({"keys":[]})", {}, status); });
    EXPECT_EQ(why(fetch(server)), "the answer has the status " + std::string(status).substr(0, 3));
  }
}

TEST_F(KeyFetch, J9_TakesNoMoreThanItsLimitOfBytes) {
  for (const bool chunked : {false, true}) {
    const std::string large(kMaxKeySetBytes + 1, ' ');
    TlsServer server(certificate_, [&](const std::string&) {
      if (!chunked) return httpAnswer(large);
      std::string text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
      for (int i = 0; i < 16; ++i) text += "10000\r\n" + std::string(0x10000, ' ') + "\r\n";
      return text + "0\r\n\r\n";
    });
    EXPECT_EQ(why(fetch(server)), "the answer has more than 524288 bytes") << chunked;
  }
  const std::string full(kMaxKeySetBytes, ' ');
  TlsServer server(certificate_, [&](const std::string&) { return httpAnswer(full); });
  const auto fetched = fetch(server);
  ASSERT_TRUE(fetched) << fetched.error().internal;
  EXPECT_EQ(fetched->text.size(), kMaxKeySetBytes);
}

TEST_F(KeyFetch, TrustsItsOwnAuthorityAndTheRightHostAlone) {
  TlsServer server(certificate_, [](const std::string&) { return httpAnswer(R"({"keys":[]})"); });
  EXPECT_FALSE(fetch(server, "127.0.0.1")) << "the certificate is for localhost";
  const test::CertificateAuthority stranger(folder_.path(), "stranger");
  options_.ca_file = stranger.file();
  EXPECT_FALSE(fetch(server)) << "another authority";
  options_.ca_file.clear();
  EXPECT_FALSE(fetch(server)) << "the system's authorities";
  options_.ca_file = (folder_.path() / "nothing.pem").string();
  EXPECT_FALSE(fetch(server)) << "no authority at all";
  EXPECT_EQ(server.requests(), 0);
}

TEST_F(KeyFetch, J9_EndsWithinItsLimitOfTimeAndWhenItIsStopped) {
  std::promise<void> over;
  auto gate = over.get_future().share();
  TlsServer server(certificate_, [gate](const std::string&) {
    gate.wait();
    return std::string();
  });
  options_.total_limit = milliseconds(200);
  const auto from = std::chrono::steady_clock::now();
  EXPECT_FALSE(fetch(server));
  EXPECT_LT(std::chrono::steady_clock::now() - from, seconds(5));

  options_.total_limit = seconds(600);
  auto running = std::async(std::launch::async, [&] { return why(fetch(server)); });
  while (server.requests() < 2) std::this_thread::yield();
  stop_ = true;
  EXPECT_EQ(running.get(), "Operation was aborted by an application callback");
  over.set_value();
}

TEST_F(KeyFetch, FailsWhenNobodyListens) {
  std::uint16_t port = 0;
  {
    const TlsServer server(certificate_, [](const std::string&) { return std::string(); });
    port = server.port();
  }
  EXPECT_FALSE(
      fetchKeys({false, "https://localhost:" + std::to_string(port) + "/"}, options_, stop_));
}

TEST_F(KeyFetch, ReadsAFile) {
  const auto path = write("keys.json", R"({"keys":[]})");
  const auto fetched = fetchKeys({true, path}, options_, stop_);
  ASSERT_TRUE(fetched) << fetched.error().internal;
  EXPECT_EQ(fetched->text, R"({"keys":[]})");
  EXPECT_EQ(fetched->lifetime, seconds(60));
  write("keys.json", "");
  EXPECT_EQ(fetchKeys({true, path}, options_, stop_).value().text, "");
}

TEST_F(KeyFetch, ReadsNothingButAFile) {
  EXPECT_EQ(why(fetchKeys({true, (folder_.path() / "none").string()}, options_, stop_)),
            "No such file or directory");
  EXPECT_EQ(why(fetchKeys({true, folder_.path().string()}, options_, stop_)),
            "it is no regular file");
  EXPECT_EQ(why(fetchKeys({true, "/dev/zero"}, options_, stop_)), "it is no regular file");
  const auto pipe = (folder_.path() / "pipe").string();
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_EQ(why(fetchKeys({true, pipe}, options_, stop_)), "it is no regular file");
  const auto large = write("large", std::string(kMaxKeySetBytes + 1, ' '));
  EXPECT_EQ(why(fetchKeys({true, large}, options_, stop_)), "the file has more than 524288 bytes");
}

/// A server whose keys, speed and health change while a source reads from it.
class Issuer {
 public:
  explicit Issuer(const test::Certificate& certificate)
      : server_(certificate, [this](const std::string&) { return answer(); }) {}
  [[nodiscard]] const TlsServer& server() const { return server_; }
  void set(std::string bytes) {
    const std::lock_guard lock(mutex_);
    bytes_ = std::move(bytes);
  }

 private:
  std::string answer() {
    const std::lock_guard lock(mutex_);
    return bytes_;
  }
  std::mutex mutex_;
  std::string bytes_;
  TlsServer server_;
};

TEST_F(KeyFetch, J2_J13_ASourceFollowsTheRotationOfItsIssuerAndOutlivesItsFailure) {
  const test::TokenSigner signer(KeyType::kEd25519);
  Issuer issuer(certificate_);
  issuer.set(httpAnswer(test::keySetText({signer.jwk("old")})));
  KeySourceLimits limits;
  limits.unknown_key = seconds(0);
  KeySources sources(options_, limits);
  const auto source = sources.at({false, url(issuer.server())});

  std::vector<std::future<std::shared_ptr<const KeySet>>> logins;
  for (int i = 0; i < 24; ++i) {
    logins.push_back(
        std::async(std::launch::async, [&] { return source->current().value_or(nullptr); }));
  }
  for (auto& login : logins) {
    const auto set = login.get();
    ASSERT_NE(set, nullptr);
    EXPECT_EQ(set->keys[0].key_id, "old");
  }
  EXPECT_EQ(issuer.server().requests(), 1) << "one reading for all of them";

  const auto old = source->current().value();
  issuer.set(httpAnswer(test::keySetText({signer.jwk("new"), signer.jwk("old")})));
  const auto rotated = source->newerThan(old);
  ASSERT_NE(rotated, old);
  EXPECT_EQ(rotated->keys[0].key_id, "new");

  issuer.set(httpAnswer("", {}, "503 Service Unavailable"));
  EXPECT_EQ(source->newerThan(rotated), rotated);
  EXPECT_EQ(source->current().value(), rotated);
}

}  // namespace
}  // namespace vestibule::jose
