#include "app/tls_settings.h"

#include "app/operator_error.h"
#include "base/log.h"

namespace vestibule::app {
namespace {

constexpr std::string_view kPublic = "server.public_tls";
constexpr std::string_view kInternal = "server.internal_tls";

http::TlsFiles publicFiles(const Config& config) {
  return {config.server.public_tls_certificate, config.server.public_tls_key, {}};
}

http::TlsFiles internalFiles(const Config& config) {
  return {config.server.internal_tls_certificate, config.server.internal_tls_key,
          config.server.internal_tls_client_ca, config.server.internal_tls_client_crl};
}

void logWarnings(std::string_view where, const http::TlsCertificates& certificates) {
  for (const auto& warning : certificates.current()->warnings()) {
    logEvent(events::kCertificateWarning, {{"address", where}, {"reason", warning}});
  }
}

Result<std::shared_ptr<http::TlsCertificates>> openSide(std::string_view where,
                                                        http::TlsFiles files) {
  if (files.certificate.empty()) return std::shared_ptr<http::TlsCertificates>();
  auto opened = http::TlsCertificates::open(std::move(files));
  if (!opened) {
    return operatorFailure(opened.error().kind,
                           std::string(where) + ": " + operatorText(opened.error()));
  }
  logWarnings(where, **opened);
  return opened;
}

void reloadSide(std::string_view where, http::TlsCertificates* certificates) {
  if (certificates == nullptr) return;
  if (auto reloaded = certificates->reload(); !reloaded) {
    logEvent(events::kCertificateNotRead,
             {{"address", where}, {"reason", operatorText(reloaded.error())}});
    return;
  }
  logEvent(events::kCertificateRead, {{"address", where}});
  logWarnings(where, *certificates);
}

void checkSide(std::string_view where, const http::TlsFiles& files,
               std::vector<TlsFinding>& found) {
  if (files.certificate.empty()) return;
  const auto context = http::TlsContext::load(files);
  if (!context) {
    found.push_back({true, std::string(where), operatorText(context.error())});
    return;
  }
  for (const auto& warning : (*context)->warnings()) {
    found.push_back({false, std::string(where), warning});
  }
}

}  // namespace

Result<TlsOfAddresses> openTls(const Config& config) {
  auto outside = openSide(kPublic, publicFiles(config));
  if (!outside) return propagate(outside);
  auto inside = openSide(kInternal, internalFiles(config));
  if (!inside) return propagate(inside);
  return TlsOfAddresses{*std::move(outside), *std::move(inside)};
}

void reloadTls(const TlsOfAddresses& tls) {
  reloadSide(kPublic, tls.public_side.get());
  reloadSide(kInternal, tls.internal_side.get());
}

std::vector<TlsFinding> checkTls(const Config& config) {
  std::vector<TlsFinding> found;
  checkSide(kPublic, publicFiles(config), found);
  checkSide(kInternal, internalFiles(config), found);
  return found;
}

}  // namespace vestibule::app
