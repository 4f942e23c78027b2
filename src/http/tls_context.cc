#include "http/tls_context.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <new>
#include <string_view>
#include <system_error>

namespace vestibule::http {
namespace {

struct Free {
  void operator()(BIO* file) const { BIO_free(file); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_CRL* list) const { X509_CRL_free(list); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using File = std::unique_ptr<BIO, Free>;
using Certificate = std::unique_ptr<X509, Free>;
using RevocationList = std::unique_ptr<X509_CRL, Free>;
using Key = std::unique_ptr<EVP_PKEY, Free>;

/// For TLS 1.2. Those of 1.3 are all good.
constexpr const char* kCiphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr int kSecurityLevel = 2;
/// The ALPN name with its length in front (RFC 7301 §3.1).
constexpr std::string_view kProtocol = "\x08http/1.1";
/// Sessions are resumed in the context in which they began, and each listener has its own.
constexpr std::string_view kSessionContext = "vestibule";

tl::unexpected<Error> unusable(const std::filesystem::path& file, const std::string& what,
                               ErrorKind kind = ErrorKind::kInvalidValue) {
  return tl::make_unexpected(
      Error{kind, "the server is not set up correctly", file.string() + " " + what, {}, {}});
}

/// What OpenSSL says of its last failure, of which nothing is left behind.
std::string takeReason() {
  const char* reason = ERR_reason_error_string(ERR_peek_last_error());
  ERR_clear_error();
  return reason != nullptr ? reason : "unknown reason";
}

Result<File> openFile(const std::filesystem::path& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) return unusable(path, "is a folder");
  errno = 0;
  File file(BIO_new_file(path.c_str(), "rb"));
  if (file) return file;
  const int reason = errno;
  ERR_clear_error();
  return unusable(path, "cannot be read: " + std::system_category().message(reason),
                  ErrorKind::kNotFound);
}

/// Everything of one kind that a file holds; at least one. `read` is OpenSSL's reader of the kind.
template <typename Owner, typename Read>
Result<std::vector<Owner>> readAll(const std::filesystem::path& path, Read read,
                                   const std::string& kind) {
  auto file = openFile(path);
  if (!file) return propagate(file);
  std::vector<Owner> found;
  for (;;) {
    Owner next(read(file->get(), nullptr, nullptr, nullptr));
    if (!next) break;
    found.push_back(std::move(next));
  }
  const auto error = ERR_peek_last_error();
  const bool at_end =
      ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
  const auto reason = takeReason();
  if (!at_end) return unusable(path, "holds a " + kind + " that cannot be read: " + reason);
  if (found.empty()) return unusable(path, "holds no " + kind + " in PEM");
  return found;
}

Result<std::vector<Certificate>> readCertificates(const std::filesystem::path& path) {
  return readAll<Certificate>(path, PEM_read_bio_X509, "certificate");
}

Result<Key> readKey(const std::filesystem::path& path) {
  auto file = openFile(path);
  if (!file) return propagate(file);
  // Without a function of one's own OpenSSL would ask at the terminal.
  bool asked = false;
  const auto refuse = [](char*, int, int, void* seen) {
    *static_cast<bool*>(seen) = true;
    return -1;
  };
  Key key(PEM_read_bio_PrivateKey(file->get(), nullptr, refuse, &asked));
  ERR_clear_error();
  if (asked) return unusable(path, "has a passphrase: the key must be stored without one");
  if (!key) return unusable(path, "holds no private key in PEM");
  return key;
}

/// Chooses http/1.1, or refuses as RFC 7301 §3.2 wants it.
int chooseProtocol(SSL* /*ssl*/, const unsigned char** out, unsigned char* out_size,
                   const unsigned char* offered, unsigned int offered_size, void* /*unused*/) {
  unsigned char* chosen = nullptr;
  const auto found = SSL_select_next_proto(
      &chosen, out_size, reinterpret_cast<const unsigned char*>(kProtocol.data()),
      static_cast<unsigned>(kProtocol.size()), offered, offered_size);
  if (found != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

bool setDefaults(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  // Sessions are kept by clients, in tickets: what strangers leave here must not grow.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_security_level(context, kSecurityLevel);
  SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kCiphers) == 1 &&
         SSL_CTX_set_session_id_context(
             context, reinterpret_cast<const unsigned char*>(kSessionContext.data()),
             static_cast<unsigned>(kSessionContext.size())) == 1;
}

Result<void> useCertificate(SSL_CTX* context, const TlsFiles& files,
                            const std::vector<Certificate>& chain) {
  auto key = readKey(files.key);
  if (!key) return propagate(key);
  if (X509_check_private_key(chain.front().get(), key->get()) != 1) {
    ERR_clear_error();
    return unusable(files.key,
                    "does not belong to the first certificate of " + files.certificate.string());
  }
  bool good = SSL_CTX_use_certificate(context, chain.front().get()) == 1;
  for (std::size_t i = 1; good && i < chain.size(); ++i) {
    good = SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1;
  }
  if (!good) return unusable(files.certificate, "cannot be used: " + takeReason());
  if (SSL_CTX_use_PrivateKey(context, key->get()) != 1) {
    return unusable(files.key, "cannot be used: " + takeReason());
  }
  return {};
}

Result<void> requireClients(SSL_CTX* context, const std::filesystem::path& path) {
  auto authorities = readCertificates(path);
  if (!authorities) return propagate(authorities);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  // Whoever is in the file is trusted, whether or not it issued itself.
  X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN);
  for (const auto& authority : *authorities) {
    if (X509_STORE_add_cert(store, authority.get()) != 1 ||
        SSL_CTX_add_client_CA(context, authority.get()) != 1) {
      return unusable(path, "cannot be used: " + takeReason());
    }
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  // A resumed session passes whom it was made for, and OpenSSL does not look again whether the
  // certificate has expired or its list is overdue. In TLS 1.3 the option alone would still issue
  // tickets, of sessions kept here.
  SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  if (SSL_CTX_set_num_tickets(context, 0) != 1) {
    return internalFailure("OpenSSL goes on with tickets: " + takeReason());
  }
  return {};
}

/// Refuses clients whose certificates are on a list of the file, and those whose issuer has no list
/// there: a list that is missing must not let in whom it would name.
Result<void> refuseRevoked(SSL_CTX* context, const std::filesystem::path& path,
                           std::vector<std::string>& warnings) {
  auto lists = readAll<RevocationList>(path, PEM_read_bio_X509_CRL, "revocation list");
  if (!lists) return propagate(lists);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const auto& list : *lists) {
    if (X509_STORE_add_crl(store, list.get()) != 1) {
      return unusable(path, "cannot be used: " + takeReason());
    }
    const ASN1_TIME* renewal = X509_CRL_get0_nextUpdate(list.get());
    if (renewal != nullptr && X509_cmp_current_time(renewal) < 0) {
      warnings.push_back(path.string() +
                         " holds a list that is out of date: clients of its authority are refused");
    }
  }
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK);
  return {};
}

std::vector<std::string> warningsAbout(const TlsFiles& files, const X509* certificate) {
  std::vector<std::string> warnings;
  struct stat key {};
  if (::stat(files.key.c_str(), &key) == 0 && (key.st_mode & S_IRWXO) != 0) {
    warnings.push_back(files.key.string() +
                       " is a private key that everybody on this machine may read or replace");
  }
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0) {
    warnings.push_back(files.certificate.string() + " has expired");
  }
  if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0) {
    warnings.push_back(files.certificate.string() + " is not valid yet");
  }
  return warnings;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const TlsFiles& files) {
  ERR_clear_error();
  auto chain = readCertificates(files.certificate);
  if (!chain) return propagate(chain);
  SSL_CTX* const made = SSL_CTX_new(TLS_server_method());
  if (made == nullptr) throw std::bad_alloc();
  const std::shared_ptr<TlsContext> context(new TlsContext(made));
  if (!setDefaults(made)) return internalFailure("OpenSSL offers no TLS 1.2: " + takeReason());
  if (auto used = useCertificate(made, files, *chain); !used) return propagate(used);
  if (!files.client_ca.empty()) {
    if (auto required = requireClients(made, files.client_ca); !required) {
      return propagate(required);
    }
  }
  context->warnings_ = warningsAbout(files, chain->front().get());
  if (!files.client_crl.empty()) {
    if (auto refused = refuseRevoked(made, files.client_crl, context->warnings_); !refused) {
      return propagate(refused);
    }
  }
  return context;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

Result<std::shared_ptr<TlsCertificates>> TlsCertificates::open(TlsFiles files) {
  auto context = TlsContext::load(files);
  if (!context) return propagate(context);
  return std::shared_ptr<TlsCertificates>(
      new TlsCertificates(std::move(files), *std::move(context)));
}

Result<void> TlsCertificates::reload() {
  auto context = TlsContext::load(files_);
  if (!context) return propagate(context);
  std::atomic_store(&current_, *std::move(context));
  return {};
}

}  // namespace vestibule::http
