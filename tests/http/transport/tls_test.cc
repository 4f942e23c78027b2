// The same server behind TLS.
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <sys/resource.h>

#include <algorithm>

#include "http/transport/test_server.h"
#include "support/certificates.h"
#include "support/temporary_folder.h"
#include "support/tls_client.h"

namespace vestibule::http {
namespace {

using test::CertificateAuthority;
using test::TlsClient;

/// Files of one test, and servers that use them.
class Tls : public testing::Test {
 protected:
  std::shared_ptr<TlsCertificates> certificates(bool strict = false) {
    auto opened = TlsCertificates::open(
        {files_.certificate, files_.key,
         strict ? std::filesystem::path(authority_.file()) : std::filesystem::path()});
    if (!opened) throw std::runtime_error(opened.error().internal);
    return *std::move(opened);
  }
  ServerOptions with(ServerOptions options) {
    options.tls = certificates();
    return options;
  }

  const test::TemporaryFolder folder_;
  const CertificateAuthority authority_{folder_.path(), "first"};
  const test::Certificate files_ = authority_.issue("localhost");
  const test::TlsClientOptions trusting_{.ca_file = authority_.file()};
};

std::string pieces(std::size_t count) {
  std::string body = "begin ";
  for (std::size_t i = 0; i < count; ++i) body += kPiece;
  return body;
}

/// More than the kernel takes for a client with a small buffer that does not read.
constexpr std::size_t kMany = 300'000;

TEST_F(Tls, AnswersInBothVersions) {
  const TestServer server(with({}));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(),
                     {.ca_file = authority_.file(), .lowest = version, .highest = version});
    ASSERT_TRUE(client.handshake());
    EXPECT_EQ(client.serverName(), "localhost");
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(client.send(get("/id/" + std::to_string(i))));
      EXPECT_EQ(client.receive()->body, "id=" + std::to_string(i));
    }
    ASSERT_TRUE(client.send(post("/bulk", std::string(2'000'000, 'b'))));
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->body.ends_with(std::string(2'000'000, 'b')));
  }
}

TEST_F(Tls, HandlersKnowOfIt) {
  const TestServer plain;
  auto open = plain.connect();
  ASSERT_TRUE(open.send(get("/secure")));
  EXPECT_EQ(open.receive()->body, "plain");
  const TestServer server(with({}));
  TlsClient client(server.port());
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.send(get("/secure")));
  EXPECT_EQ(client.receive()->body, "by TLS");
}

TEST_F(Tls, B4_OlderVersionsOfTlsAreRefused) {
  TestServer server(with({}));
  EXPECT_FALSE(TlsClient(server.port(), {.highest = TLS1_1_VERSION}).handshake());
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
}

TEST_F(Tls, PipelinedRequestsAreAnsweredInTheirOrder) {
  const TestServer server(with({}));
  TlsClient client(server.port(), trusting_);
  ASSERT_TRUE(client.handshake());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests += get((i % 2 == 0 ? "/id/" : "/inline/") + std::to_string(i));
  }
  ASSERT_TRUE(client.send(requests));
  for (int i = 0; i < 200; ++i) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value()) << i;
    EXPECT_EQ(answer->body, "id=" + std::to_string(i));
  }
}

TEST_F(Tls, LargeAndStreamedAnswersArriveWholeHoweverSlowlyTheyAreRead) {
  constexpr std::size_t kSome = kMany / 3;
  TestServer server(with({}));
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(server.port(), {.lowest = version, .highest = version}, 64 * 1024);
    ASSERT_TRUE(client.handshake());
    ASSERT_TRUE(client.send(get("/large/5000000") + get("/pieces/" + std::to_string(kSome)) +
                            get("/id/after")));
    ASSERT_TRUE(eventually([&] { return server->counts().answering == 1; }));
    auto answer = client.receive(false, std::chrono::seconds(60));
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->body == std::string(5'000'000, 'x'));
    answer = client.receive(false, std::chrono::seconds(60));
    ASSERT_TRUE(answer.has_value());
    EXPECT_TRUE(answer->body == pieces(kSome));
    EXPECT_EQ(client.receive()->body, "id=after");
  }
}

TEST_F(Tls, SlowReaderOfAStreamHoldsNeitherAWorkerNorMemory) {
  TestServer server(with({.timeouts = {.write = milliseconds(60'000)}}), {.workers = 1});
  TlsClient slow(server.port(), {}, 4096);
  ASSERT_TRUE(slow.handshake());
  ASSERT_TRUE(slow.send(get("/pieces/" + std::to_string(kMany))));
  ASSERT_TRUE(eventually([&] {
    return server.queue().counts().running == 0 && server->counts().answering == 1 &&
           server.queue().counts().waiting == 0;
  }));
  EXPECT_LT(server->counts().held, 64U * 1024U);
  const auto answer = slow.receive(false, std::chrono::seconds(60));
  ASSERT_TRUE(answer.has_value());
  EXPECT_TRUE(answer->body == pieces(kMany));
}

TEST_F(Tls, WhoDoesNotReadIsCutOff) {
  TestServer server(with({.timeouts = {.write = milliseconds(200)}}));
  TlsClient client(server.port(), {}, 4096);
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.send(get("/large/12000000")));
  ASSERT_TRUE(eventually([&] { return server->counts().answering == 1; }));
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
  EXPECT_EQ(server->counts().held, 0U);
}

TEST_F(Tls, WhoAsksForMoreThanItReadsIsCutOff) {
  TestServer server(with({.timeouts = {.write = milliseconds(60'000)}}));
  TlsClient client(server.port(), {.lowest = TLS1_3_VERSION}, 4096);
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.send(get("/large/12000000")));
  ASSERT_TRUE(eventually([&] { return server->counts().held > 0; }));
  // Each asks the server for new keys of its own, and so for bytes to send.
  EXPECT_TRUE(eventually([&] {
    for (int i = 0; i < 100; ++i) {
      if (SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED) == 1) {
        SSL_do_handshake(client.ssl());
      }
    }
    return server->counts().connections == 0;
  }));
}

TEST_F(Tls, HalfClosedClientIsAnswered) {
  TestServer server(with({}));
  for (const bool by_tls : {true, false}) {
    TlsClient client(server.port());
    ASSERT_TRUE(client.handshake());
    ASSERT_TRUE(client.send(get("/id/1")));
    if (by_tls) client.endSending();
    client.raw().finishSending();
    const auto answer = client.receive();
    ASSERT_TRUE(answer.has_value()) << by_tls;
    EXPECT_EQ(answer->body, "id=1");
    EXPECT_TRUE(client.raw().closedByServer());
    EXPECT_TRUE(client.endedOrderly());
  }
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
}

TEST_F(Tls, OrderlyEndIsToldFromACutOffAnswer) {
  const TestServer server(with({}));
  struct Case {
    const char* request;
    bool whole;
  };
  const Case cases[] = {
      {"GET /id/1 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n", true},
      {"GET /pieces/3 HTTP/1.0\r\n\r\n", true},
      {"GET /nonsense HTTP/9.9\r\n\r\n", true},
      {"GET /broken-after/2 HTTP/1.0\r\n\r\n", false},
  };
  for (const auto& [request, whole] : cases) {
    TlsClient client(server.port());
    ASSERT_TRUE(client.handshake());
    ASSERT_TRUE(client.send(request));
    EXPECT_NE(client.raw().readAll(), "") << request;
    EXPECT_EQ(client.endedOrderly(), whole) << request;
  }
}

TEST_F(Tls, IdleClientIsClosedOrderly) {
  const TestServer server(with({.timeouts = {.idle = milliseconds(200)}}));
  TlsClient fresh(server.port());
  TlsClient used(server.port());
  ASSERT_TRUE(fresh.handshake());
  ASSERT_TRUE(used.handshake());
  ASSERT_TRUE(used.send(get("/id/1")));
  ASSERT_TRUE(used.receive().has_value());
  for (auto* client : {&fresh, &used}) {
    EXPECT_EQ(client->raw().readAll(), "");
    EXPECT_TRUE(client->endedOrderly());
  }
}

TEST_F(Tls, WhoSpeaksPlainHttpIsToldSo) {
  const TestServer server(with({}));
  auto client = server.connect();
  ASSERT_TRUE(client.send(get("/id/1") + get("/id/2")));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 400);
  EXPECT_EQ(answer->body, "refused: this port takes HTTPS only");
  EXPECT_EQ(answer->header("Connection"), "close");
  EXPECT_TRUE(client.closedByServer());
}

TEST_F(Tls, GarbageAndCutOffRecordsEndTheConnection) {
  TestServer server(with({}));
  for (const std::string& bytes :
       {std::string("SSH-2.0-OpenSSH_9.2\r\n"), std::string(100'000, '\xFF'),
        std::string("\x16\x03\x01\x02\x00\x01", 6), std::string("\x16")}) {
    auto client = server.connect();
    (void)client.send(bytes);
    client.finishSending();
    EXPECT_EQ(client.readAll().find("HTTP"), std::string::npos);
    EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; })) << bytes.size();
  }
  TlsClient client(server.port());
  ASSERT_TRUE(client.handshake());
  ASSERT_EQ(::send(client.raw().fd(),
                   "\x17\x03\x03\x00\x20"
                   "0123",
                   9, MSG_NOSIGNAL),
            9);
  client.raw().finishSending();
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
  TlsClient broken(server.port());
  ASSERT_TRUE(broken.handshake());
  const std::string record = std::string("\x17\x03\x03\x00\x20", 5) + std::string(32, 'x');
  ASSERT_EQ(::send(broken.raw().fd(), record.data(), record.size(), MSG_NOSIGNAL), 37);
  EXPECT_EQ(broken.raw().readAll(), "");
  EXPECT_FALSE(broken.endedOrderly());
  EXPECT_TRUE(eventually([&] { return server->counts().connections == 0; }));
  EXPECT_EQ(server->counts().requests, 0U);
}

TEST_F(Tls, SilentAndSlowHandshakesAreCut) {
  TestServer server(with({.timeouts = {.header = milliseconds(200)}}));
  auto silent = server.connect();
  auto slow = server.connect();
  std::string hello = std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xFC\x03\x03", 11);
  hello.resize(400, '\x11');
  std::size_t sent = 0;
  EXPECT_TRUE(eventually([&] {
    if (sent < hello.size()) (void)slow.send(std::string_view(hello).substr(sent++, 1));
    return server->counts().connections == 0;
  }));
  EXPECT_LT(sent, hello.size());
  EXPECT_EQ(silent.readAll(), "");
}

TEST_F(Tls, ThousandSilentClientsDoNotDelayOthers) {
  // The client's end of each connection, and two descriptors of the server's.
  constexpr rlim_t kDescriptors = 4096;
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  limit.rlim_cur = std::min(std::max(limit.rlim_cur, kDescriptors), limit.rlim_max);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  TestServer server(with({.io_threads = 1, .timeouts = {.header = milliseconds(60'000)}}));
  std::vector<test::RawClient> silent;
  for (int i = 0; i < 1000; ++i) silent.push_back(server.connect());
  TlsClient client(server.port(), trusting_);
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.send(get("/id/1")));
  const auto answer = client.receive();
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "id=1");
  for (const auto& one : silent) EXPECT_FALSE(one.hasInput()) << "its own time is not over";
  EXPECT_EQ(server->counts().connections, 1001U);
}

TEST_F(Tls, RenegotiationIsRefused) {
  const TestServer server(with({}));
  TlsClient client(server.port(), {.highest = TLS1_2_VERSION});
  ASSERT_TRUE(client.handshake());
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  EXPECT_LE(SSL_do_handshake(client.ssl()), 0);
}

TEST_F(Tls, ClientsWithoutTheRightCertificateAreNotServed) {
  const CertificateAuthority others(folder_.path(), "others");
  const auto known = authority_.issue("gateway");
  const auto unknown = others.issue("stranger");
  TestServer server({.tls = certificates(true)});
  struct Case {
    std::optional<test::Certificate> certificate;
    bool good = false;
  };
  const Case cases[] = {{std::nullopt, false}, {unknown, false}, {known, true}};
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const auto& [certificate, good] : cases) {
      TlsClient client(server.port(),
                       {.lowest = version, .highest = version, .certificate = certificate});
      const bool answered =
          client.handshake() && client.send(get("/id/1")) && client.receive().has_value();
      EXPECT_EQ(answered, good) << version;
    }
  }
  EXPECT_EQ(server->counts().requests, 2U);
}

TEST_F(Tls, ClientsWhoseCertificateWasRevokedAreNotServed) {
  const auto known = authority_.issue("gateway");
  const auto lost = authority_.issue("lost");
  const auto answered = [&](std::uint16_t port, const test::Certificate& certificate, int version,
                            SSL_SESSION* session = nullptr) {
    TlsClient client(port, {.lowest = version, .highest = version, .certificate = certificate});
    if (session != nullptr) SSL_set_session(client.ssl(), session);
    return client.handshake() && client.send(get("/id/1")) && client.receive().has_value();
  };
  auto shared = TlsCertificates::open(
      {files_.certificate, files_.key, authority_.file(), authority_.revoke({})});
  ASSERT_TRUE(shared) << shared.error().internal;
  const TestServer server({.tls = *shared});
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    static_cast<void>(authority_.revoke({}));
    ASSERT_TRUE((*shared)->reload());
    TlsClient before(server.port(), {.lowest = version, .highest = version, .certificate = lost});
    ASSERT_TRUE(before.handshake() && before.send(get("/id/1")) && before.receive().has_value());

    static_cast<void>(authority_.revoke({lost}));
    ASSERT_TRUE((*shared)->reload());
    EXPECT_FALSE(answered(server.port(), lost, version));
    EXPECT_FALSE(answered(server.port(), lost, version, SSL_get0_session(before.ssl())))
        << "nor by a session from before";
    EXPECT_TRUE(answered(server.port(), known, version));
    ASSERT_TRUE(before.send(get("/id/1")));
    EXPECT_TRUE(before.receive().has_value()) << "who is connected stays so";

    // An old list names nobody who was revoked since: none is better.
    static_cast<void>(authority_.revoke({}, -60));
    ASSERT_TRUE((*shared)->reload());
    EXPECT_NE((*shared)->current()->warnings().back().find("out of date"), std::string::npos);
    EXPECT_FALSE(answered(server.port(), known, version));
  }
}

TEST_F(Tls, AnAuthorityWithoutARevocationListVouchesForNobody) {
  const CertificateAuthority others(folder_.path(), "others");
  const auto known = authority_.issue("gateway");
  auto shared =
      TlsCertificates::open({files_.certificate, files_.key, authority_.file(), others.revoke({})});
  ASSERT_TRUE(shared) << shared.error().internal;
  const TestServer server({.tls = *shared});
  TlsClient client(server.port(), {.certificate = known});
  EXPECT_FALSE(client.handshake() && client.send(get("/id/1")) && client.receive().has_value());
}

TEST_F(Tls, SessionsAreResumedUnlessClientsNeedACertificate) {
  const auto known = authority_.issue("gateway");
  for (const bool strict : {false, true}) {
    const TestServer server({.tls = certificates(strict)});
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      SCOPED_TRACE(testing::Message() << "strict " << strict << ", version " << version);
      const test::TlsClientOptions options{
          .lowest = version, .highest = version, .certificate = known};
      TlsClient first(server.port(), options);
      ASSERT_TRUE(first.handshake());
      ASSERT_TRUE(first.send(get("/id/1")));
      ASSERT_TRUE(first.receive().has_value());
      SSL_SESSION* const session = SSL_get0_session(first.ssl());
      EXPECT_EQ(SSL_SESSION_has_ticket(session), strict ? 0 : 1);
      TlsClient second(server.port(), options);
      ASSERT_EQ(SSL_set_session(second.ssl(), session), 1);
      ASSERT_TRUE(second.handshake());
      EXPECT_EQ(SSL_session_reused(second.ssl()), strict ? 0 : 1);
      ASSERT_TRUE(second.send(get("/id/2")));
      EXPECT_TRUE(second.receive().has_value());
    }
  }
}

TEST_F(Tls, NewCertificateIsForNewConnections) {
  auto shared = certificates();
  const TestServer server({.tls = shared});
  TlsClient old(server.port());
  ASSERT_TRUE(old.handshake());
  EXPECT_EQ(old.serverName(), "localhost");
  const auto renewed = authority_.issue("renewed");
  std::filesystem::rename(renewed.certificate, files_.certificate);
  EXPECT_FALSE(shared->reload()) << "the key is still the old one";
  TlsClient unchanged(server.port());
  ASSERT_TRUE(unchanged.handshake());
  EXPECT_EQ(unchanged.serverName(), "localhost");
  std::filesystem::rename(renewed.key, files_.key);
  ASSERT_TRUE(shared->reload());
  TlsClient fresh(server.port());
  ASSERT_TRUE(fresh.handshake());
  EXPECT_EQ(fresh.serverName(), "renewed");
  for (auto* client : {&old, &unchanged, &fresh}) {
    ASSERT_TRUE(client->send(get("/id/1")));
    EXPECT_EQ(client->receive()->body, "id=1");
  }
}

TEST_F(Tls, BeyondTheCapNothingIsSaidInPlainText) {
  TestServer server(with({.max_connections = 1}));
  TlsClient first(server.port());
  ASSERT_TRUE(first.handshake());
  TlsClient second(server.port());
  EXPECT_FALSE(second.handshake());
  EXPECT_EQ(server->counts().turned_away, 1U);
  auto third = server.connect();
  EXPECT_EQ(third.readAll(), "");
}

TEST_F(Tls, ContinueIsSaidBeforeTheBody) {
  const TestServer server(with({}));
  TlsClient client(server.port());
  ASSERT_TRUE(client.handshake());
  ASSERT_TRUE(client.send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"));
  EXPECT_EQ(client.receive()->status, 100);
  ASSERT_TRUE(client.send("body"));
  EXPECT_TRUE(client.receive()->body.ends_with("body"));
}

TEST_F(Tls, DrainAnswersWhatWasAccepted) {
  TestServer server(with({}));
  TlsClient accepted(server.port());
  TlsClient open(server.port());
  ASSERT_TRUE(accepted.handshake());
  ASSERT_TRUE(open.handshake());
  ASSERT_TRUE(accepted.send(get("/gate")));
  server.gate.waitForFirst();
  server->beginDrain();
  ASSERT_TRUE(open.send(get("/id/2")));
  EXPECT_EQ(open.receive()->status, 503);
  server.gate.open();
  EXPECT_EQ(accepted.receive()->body, "passed");
  EXPECT_TRUE(accepted.raw().closedByServer());
  EXPECT_TRUE(accepted.endedOrderly());
}

TEST_F(Tls, StopEndsHandshakesAtOnce) {
  TestServer server(with({}));
  auto silent = server.connect();
  ASSERT_TRUE(eventually([&] { return server->counts().connections == 1; }));
  server->stop();
  EXPECT_EQ(silent.readAll(), "");
}

}  // namespace
}  // namespace vestibule::http
