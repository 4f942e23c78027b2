// One TLS connection, from bytes to bytes: no sockets.
#include "http/tls_session.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>

#include "support/certificates.h"
#include "support/temporary_folder.h"
#include "support/tls_client.h"

namespace vestibule::http {
namespace {

using test::CertificateAuthority;
using test::TlsClientOptions;
using test::TlsEnd;
using State = TlsSession::State;

constexpr std::string_view kOurs("\x08http/1.1");
constexpr std::string_view kOthers("\x02h2");
constexpr std::string_view kBoth("\x02h2\x08http/1.1");

/// A client's end that hands its bytes to a session and takes those of the session.
class Client {
 public:
  explicit Client(const TlsClientOptions& options = {}) : end_(options) {
    SSL_set_bio(end_.ssl(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  }

  [[nodiscard]] SSL* ssl() const { return end_.ssl(); }

  /// What the client has to send.
  [[nodiscard]] std::string output() const {
    char* data = nullptr;
    const auto size = BIO_get_mem_data(SSL_get_wbio(ssl()), &data);
    std::string bytes(data, static_cast<std::size_t>(size));
    static_cast<void>(BIO_reset(SSL_get_wbio(ssl())));
    return bytes;
  }
  void input(const std::string& bytes) const {
    if (!bytes.empty())
      BIO_write(SSL_get_rbio(ssl()), bytes.data(), static_cast<int>(bytes.size()));
  }

  /// Hands everything over, `step` bytes at a time. Returns what the session has opened.
  std::string pass(TlsSession& session, std::size_t step = 100'000) const {
    const auto bytes = output();
    std::string opened;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      opened += session.open(std::string_view(bytes).substr(at, step));
    }
    input(session.takeSealed());
    return opened;
  }

  /// True when both ends are done.
  bool handshake(TlsSession& session, std::size_t step = 100'000) const {
    for (int round = 0; round < 10; ++round) {
      if (SSL_do_handshake(ssl()) == 1 && session.state() == State::kOpen) return true;
      pass(session, step);
    }
    return false;
  }

  void write(std::string_view plain) const {
    ASSERT_EQ(SSL_write(ssl(), plain.data(), static_cast<int>(plain.size())),
              static_cast<int>(plain.size()));
  }
  [[nodiscard]] std::string read() const {
    std::string plain;
    std::array<char, 4096> buffer{};
    for (int size = 0; (size = SSL_read(ssl(), buffer.data(), buffer.size())) > 0;) {
      plain.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return plain;
  }

 private:
  TlsEnd end_;
};

class TlsSessionTest : public testing::Test {
 protected:
  static std::shared_ptr<const TlsContext> load(const TlsFiles& files) {
    auto context = TlsContext::load(files);
    if (!context) throw std::runtime_error(context.error().internal);
    return *std::move(context);
  }

  const test::TemporaryFolder folder_;
  const CertificateAuthority authority_{folder_.path(), "first"};
  const CertificateAuthority others_{folder_.path(), "others"};
  const test::Certificate server_ = authority_.issue("localhost");
  const std::shared_ptr<const TlsContext> context_ = load({server_.certificate, server_.key, {}});
  const std::shared_ptr<const TlsContext> strict_ =
      load({server_.certificate, server_.key, authority_.file()});
};

TEST_F(TlsSessionTest, B4_WhoMayComeInAndWhoMayNot) {
  const auto known = authority_.issue("gateway");
  const auto unknown = others_.issue("stranger");
  struct Case {
    const char* name = "";
    TlsClientOptions client;
    bool strict = false;
    bool good = false;
  };
  const Case cases[] = {
      {"1.3", {.lowest = TLS1_3_VERSION}, false, true},
      {"1.2", {.highest = TLS1_2_VERSION}, false, true},
      {"1.1", {.highest = TLS1_1_VERSION}, false, false},
      {"1.0", {.highest = TLS1_VERSION}, false, false},
      {"verified", {.ca_file = authority_.file()}, false, true},
      {"our ALPN", {.alpn = std::string(kOurs)}, false, true},
      {"our ALPN of two", {.alpn = std::string(kBoth)}, false, true},
      {"another ALPN", {.alpn = std::string(kOthers)}, false, false},
      {"1.3 certificate", {.lowest = TLS1_3_VERSION, .certificate = known}, true, true},
      {"1.2 certificate", {.highest = TLS1_2_VERSION, .certificate = known}, true, true},
      {"1.3 no certificate", {.lowest = TLS1_3_VERSION}, true, false},
      {"1.2 no certificate", {.highest = TLS1_2_VERSION}, true, false},
      {"1.3 strange certificate", {.lowest = TLS1_3_VERSION, .certificate = unknown}, true, false},
      {"1.2 strange certificate", {.highest = TLS1_2_VERSION, .certificate = unknown}, true, false},
      {"needless certificate", {.certificate = unknown}, false, true},
  };
  for (const auto& one : cases) {
    for (const std::size_t step : {1U, 7U, 100'000U}) {
      SCOPED_TRACE(one.name + std::string(" in steps of ") + std::to_string(step));
      const Client client(one.client);
      TlsSession session(one.strict ? *strict_ : *context_);
      EXPECT_EQ(client.handshake(session, step), one.good);
      EXPECT_EQ(session.state(), one.good ? State::kOpen : State::kFailed);
      EXPECT_EQ(session.reason().empty(), one.good);
      if (!one.good) {
        EXPECT_EQ(client.read(), "");
        EXPECT_NE(TlsEnd::reason(), "") << "the client is told by an alert";
      }
    }
  }
}

TEST_F(TlsSessionTest, AlpnIsAnsweredByHttp11) {
  const Client client({.alpn = std::string(kBoth)});
  TlsSession session(*context_);
  ASSERT_TRUE(client.handshake(session));
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &name, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(name), size), "http/1.1");
}

TEST_F(TlsSessionTest, CiphersOfTls12HaveForwardSecrecyAndAuthenticateWhatTheyEncrypt) {
  for (const char* cipher : {"ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384"}) {
    const Client client({.highest = TLS1_2_VERSION});
    ASSERT_EQ(SSL_set_cipher_list(client.ssl(), cipher), 1);
    TlsSession session(*context_);
    EXPECT_FALSE(client.handshake(session)) << cipher;
  }
}

TEST_F(TlsSessionTest, BytesComeThroughWholeHoweverTheyAreCut) {
  std::string large(300'000, '\0');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31);
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    for (const std::size_t step : {1U, 1'000U, 16'384U, 1'000'000U}) {
      const Client client({.lowest = version, .highest = version});
      TlsSession session(*context_);
      ASSERT_TRUE(client.handshake(session));
      client.write(large);
      EXPECT_TRUE(client.pass(session, step) == large) << version << " " << step;
      ASSERT_TRUE(session.seal(large));
      ASSERT_TRUE(session.seal(""));
      client.input(session.takeSealed());
      EXPECT_TRUE(client.read() == large) << version;
      EXPECT_EQ(session.takeSealed(), "");
    }
  }
}

TEST_F(TlsSessionTest, NothingIsSealedBeforeTheHandshakeIsDone) {
  TlsSession session(*context_);
  EXPECT_FALSE(session.seal("a secret"));
  session.end();
  EXPECT_EQ(session.takeSealed(), "");
  EXPECT_EQ(session.state(), State::kHandshaking);
}

TEST_F(TlsSessionTest, ClientThatSendsNoMoreCanStillBeAnswered) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Client client({.lowest = version, .highest = version});
    TlsSession session(*context_);
    ASSERT_TRUE(client.handshake(session));
    client.write("question");
    SSL_shutdown(client.ssl());
    EXPECT_EQ(client.pass(session), "question");
    EXPECT_EQ(session.state(), State::kEnded);
    ASSERT_TRUE(session.seal("answer"));
    session.end();
    EXPECT_FALSE(session.seal("more")) << "after the end";
    client.input(session.takeSealed());
    EXPECT_EQ(client.read(), "answer");
    EXPECT_NE(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, 0) << "no close_notify";
  }
}

TEST_F(TlsSessionTest, RenegotiationIsRefusedAndTheConnectionGoesOn) {
  const Client client({.highest = TLS1_2_VERSION});
  TlsSession session(*context_);
  ASSERT_TRUE(client.handshake(session));
  ASSERT_EQ(SSL_renegotiate(client.ssl()), 1);
  EXPECT_LE(SSL_do_handshake(client.ssl()), 0);
  EXPECT_EQ(client.pass(session), "");
  EXPECT_EQ(session.state(), State::kOpen);
  EXPECT_LE(SSL_do_handshake(client.ssl()), 0);
  EXPECT_EQ(TlsEnd::reason(), "no renegotiation");
}

TEST_F(TlsSessionTest, NewKeysAreTakenAndAnswered) {
  const Client client({.lowest = TLS1_3_VERSION});
  TlsSession session(*context_);
  ASSERT_TRUE(client.handshake(session));
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(SSL_key_update(client.ssl(), SSL_KEY_UPDATE_REQUESTED), 1);
    client.write("question");
    EXPECT_EQ(client.pass(session), "question");
    ASSERT_TRUE(session.seal("answer"));
    client.input(session.takeSealed());
    EXPECT_EQ(client.read(), "answer");
  }
}

TEST_F(TlsSessionTest, WhatIsNoTlsFails) {
  struct Case {
    std::string bytes;
    bool plain_http = false;
  };
  const Case cases[] = {
      {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"POST / HTTP/1.1\r\nHost: a\r\n\r\n", true},
      {"HEAD / HTTP/1.0\r\n\r\n", true},
      {"SSH-2.0-OpenSSH_9.2\r\n"},
      {std::string(100, '\0')},
      {std::string(100, '\xFF')},
      {std::string("\x16\x03\x01\xFF\xFF", 5) + std::string(70'000, 'x')},
      {std::string("\x16\x03\x01\x00\x04\x63\x00\x00\x00", 9)},
      {std::string("\x17\x03\x03\x00\x05", 5) + "hello"},
  };
  for (const auto& [bytes, plain_http] : cases) {
    for (const std::size_t step : {std::size_t{1}, bytes.size()}) {
      SCOPED_TRACE(bytes.substr(0, 20));
      TlsSession session(*context_);
      for (std::size_t at = 0; at < bytes.size(); at += step) {
        EXPECT_EQ(session.open(std::string_view(bytes).substr(at, step)), "");
      }
      EXPECT_EQ(session.state(), State::kFailed);
      EXPECT_EQ(session.metPlainHttp(), plain_http);
      EXPECT_NE(session.reason(), "");
      EXPECT_FALSE(session.seal("a secret"));
    }
  }
}

TEST_F(TlsSessionTest, RecordThatWasChangedFailsAndLetsNothingThrough) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const Client client({.lowest = version, .highest = version});
    TlsSession session(*context_);
    ASSERT_TRUE(client.handshake(session));
    client.write("question");
    auto bytes = client.output();
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    EXPECT_EQ(session.open(bytes), "");
    EXPECT_EQ(session.state(), State::kFailed);
    client.input(session.takeSealed());
    EXPECT_EQ(client.read(), "");
    EXPECT_NE(TlsEnd::reason().find("bad record mac"), std::string::npos);
  }
}

TEST_F(TlsSessionTest, UnfinishedRecordIsWaitedFor) {
  const Client client;
  TlsSession session(*context_);
  ASSERT_TRUE(client.handshake(session));
  client.write("question");
  const auto bytes = client.output();
  EXPECT_EQ(session.open(std::string_view(bytes).substr(0, bytes.size() - 1)), "");
  EXPECT_EQ(session.state(), State::kOpen);
  EXPECT_EQ(session.open(bytes.substr(bytes.size() - 1)), "question");
}

TEST_F(TlsSessionTest, FailureOfOneIsNoFailureOfTheNext) {
  TlsSession broken(*context_);
  EXPECT_EQ(broken.open(std::string(100, '\xFF')), "");
  const Client client;
  TlsSession session(*context_);
  EXPECT_TRUE(client.handshake(session));
}

}  // namespace
}  // namespace vestibule::http
