#include "http/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <new>
#include <utility>

namespace vestibule::http {
namespace {

TlsFailure failureOf(unsigned long error, bool handshaking) {
  if (ERR_GET_LIB(error) != ERR_LIB_SSL)
    return handshaking ? TlsFailure::kOther : TlsFailure::kLater;
  const int reason = ERR_GET_REASON(error);
  if (reason == SSL_R_HTTP_REQUEST || reason == SSL_R_HTTPS_PROXY_REQUEST) {
    return TlsFailure::kPlainHttp;
  }
  if (!handshaking) return TlsFailure::kLater;
  switch (reason) {
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_WRONG_SSL_VERSION:
    case SSL_R_INAPPROPRIATE_FALLBACK:
      return TlsFailure::kVersion;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_SHARED_GROUPS:
      return TlsFailure::kCipher;
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
    case SSL_R_NO_CERTIFICATES_RETURNED:
      return TlsFailure::kClientCertificate;
    default:
      break;
  }
  // OpenSSL's number of an alert that was received: that of RFC 8446 §6, from here on.
  return reason >= SSL_AD_REASON_OFFSET ? TlsFailure::kClientAlert : TlsFailure::kOther;
}

}  // namespace

/// What OpenSSL reads from and writes to. In place of its memory BIOs, which copy once more and
/// never give memory back.
struct TlsSession::Bytes {
  std::string_view in;
  std::string out;

  static int write(BIO* bio, const char* data, std::size_t size, std::size_t* written) {
    try {
      static_cast<Bytes*>(BIO_get_data(bio))->out.append(data, size);
    } catch (const std::exception&) {
      return 0;  // OpenSSL is C: the session fails
    }
    *written = size;
    return 1;
  }

  static int read(BIO* bio, char* data, std::size_t size, std::size_t* got) {
    auto& in = static_cast<Bytes*>(BIO_get_data(bio))->in;
    BIO_clear_retry_flags(bio);
    *got = std::min(size, in.size());
    if (*got == 0) {
      BIO_set_retry_read(bio);
      return 0;
    }
    std::memcpy(data, in.data(), *got);
    in.remove_prefix(*got);
    return 1;
  }

  static long control(BIO* /*bio*/, int command, long /*number*/, void* /*pointer*/) {
    return command == BIO_CTRL_FLUSH ? 1 : 0;
  }

  static const BIO_METHOD* method() {
    static const BIO_METHOD* const kMethod = [] {
      BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "vestibule");
      if (made == nullptr || BIO_meth_set_write_ex(made, write) != 1 ||
          BIO_meth_set_read_ex(made, read) != 1 || BIO_meth_set_ctrl(made, control) != 1) {
        throw std::bad_alloc();
      }
      return made;
    }();
    return kMethod;
  }
};

void TlsSession::Free::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsSession::TlsSession(const TlsContext& context)
    : bytes_(std::make_unique<Bytes>()), ssl_(SSL_new(context.get())) {
  BIO* const bio = BIO_new(Bytes::method());
  if (!ssl_ || bio == nullptr) {
    BIO_free(bio);
    ERR_clear_error();
    throw std::bad_alloc();
  }
  BIO_set_data(bio, bytes_.get());
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
  SSL_set_accept_state(ssl_.get());
}

TlsSession::~TlsSession() = default;

std::string TlsSession::open(std::string_view sealed) {
  std::string plain;
  if (state_ == State::kFailed || state_ == State::kEnded) return plain;
  // What is left of another connection of this thread would be taken for a failure of this one.
  ERR_clear_error();
  bytes_->in = sealed;
  std::array<char, SSL3_RT_MAX_PLAIN_LENGTH> record;  // NOLINT(*-member-init): 16 kB a call
  for (bool more = true; more;) {
    std::size_t size = 0;
    const int done = SSL_read_ex(ssl_.get(), record.data(), record.size(), &size);
    if (done == 1) {
      plain.append(record.data(), size);
      continue;
    }
    more = false;
    switch (SSL_get_error(ssl_.get(), done)) {
      case SSL_ERROR_WANT_READ:
        break;
      case SSL_ERROR_ZERO_RETURN:
        state_ = State::kEnded;
        break;
      default:
        fail();
        break;
    }
  }
  bytes_->in = {};
  if (state_ == State::kHandshaking && SSL_is_init_finished(ssl_.get()) == 1) {
    state_ = State::kOpen;
  }
  return plain;
}

bool TlsSession::seal(std::string_view plain) {
  const bool open = state_ == State::kOpen || state_ == State::kEnded;
  if (!open || ended_) return false;
  if (plain.empty()) return true;
  ERR_clear_error();
  std::size_t written = 0;
  if (SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) == 1) return true;
  fail();
  return false;
}

void TlsSession::end() {
  const bool open = state_ == State::kOpen || state_ == State::kEnded;
  if (!open || ended_) return;
  ended_ = true;
  ERR_clear_error();
  if (SSL_shutdown(ssl_.get()) < 0) fail();
}

std::string TlsSession::takeSealed() { return std::exchange(bytes_->out, {}); }

void TlsSession::fail() {
  const auto error = ERR_peek_error();
  failure_ = failureOf(error, state_ == State::kHandshaking);
  state_ = State::kFailed;
  const char* reason = ERR_reason_error_string(error);
  reason_ = reason != nullptr ? reason : "unknown reason";
  ERR_clear_error();
}

}  // namespace vestibule::http
