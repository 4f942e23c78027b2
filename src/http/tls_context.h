#pragma once
// The certificate, key and client authorities of one listener, as OpenSSL uses them.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

// OpenSSL's name for it.
struct ssl_ctx_st;

namespace vestibule::http {

/// Where a listener's side of TLS is read from. All are PEM.
struct TlsFiles {
  std::filesystem::path certificate;  ///< the server's own first, then those that lead to its root
  std::filesystem::path key;          ///< of that certificate, without a passphrase
  /// Whoever does not show a certificate that one of these vouches for is refused. Empty: clients
  /// need no certificate.
  std::filesystem::path client_ca;
  /// Lists of certificates that were revoked (CRL, RFC 5280 §5). Where there are any, the issuer of
  /// a client's certificate must have one that is up to date and does not name it. Empty: whoever
  /// `client_ca` vouches for is good.
  std::filesystem::path client_crl = {};
};

/// What every handshake of a listener needs. TLS 1.2 and 1.3 (RFC 5246, RFC 8446), in 1.2 only
/// ciphers with forward secrecy and authenticated encryption (RFC 9325 §4.2), keys of OpenSSL's
/// security level 2 or more, no compression, no renegotiation; by ALPN (RFC 7301) `http/1.1` and
/// nothing else. Sessions are resumed by tickets (RFC 5077, RFC 8446 §2.2), but none where clients
/// need a certificate, which is checked at each handshake. Immutable, thread-safe.
class TlsContext {
 public:
  /// Reads the files. Errors kNotFound for a file that cannot be opened, kInvalidValue for one that
  /// is not what it should be; `internal` names file and reason and is for the operator.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> load(const TlsFiles& files);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  /// What the operator should know of the files, which are used all the same: a key that everybody
  /// on the machine may read, a certificate or a list of revoked ones that is out of date.
  [[nodiscard]] const std::vector<std::string>& warnings() const { return warnings_; }

  /// For TlsSession.
  [[nodiscard]] ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
  std::vector<std::string> warnings_;
};

/// The context of a listener, which can be exchanged while it serves. Thread-safe.
class TlsCertificates {
 public:
  /// Reads the files; errors as TlsContext::load.
  [[nodiscard]] static Result<std::shared_ptr<TlsCertificates>> open(TlsFiles files);

  /// What connections that begin now use.
  [[nodiscard]] std::shared_ptr<const TlsContext> current() const {
    return std::atomic_load(&current_);
  }

  /// Reads the files again. Connections that are open keep what they have. After an error,
  /// as of TlsContext::load, everything is as before.
  [[nodiscard]] Result<void> reload();

 private:
  TlsCertificates(TlsFiles files, std::shared_ptr<const TlsContext> context)
      : files_(std::move(files)), current_(std::move(context)) {}

  const TlsFiles files_;
  std::shared_ptr<const TlsContext> current_;  ///< by std::atomic_load and std::atomic_store alone
};

}  // namespace vestibule::http
