#include "http/health.h"

#include <string_view>

#include "http/error_response.h"
#include "http/readiness.h"
#include "store/migrations.h"
#include "store/server_check.h"

namespace vestibule::http {
namespace {

Response plain(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.headers.set("Content-Type", "text/plain; charset=utf-8");
  response.body = text;
  return response;
}

std::string_view whyNotReady(store::Database& database, const store::MigrationSet& migrations) {
  const auto current = store::isUpToDate(database, migrations);
  if (!current) {
    return current.error().kind == ErrorKind::kConflict ? "the database is not of this version"
                                                        : "the database does not answer";
  }
  if (!*current) return "the database is not up to date";
  return store::probeWrites(database) ? "" : "the database takes no writes";
}

}  // namespace

void addHealthRoutes(Router& router, const directory::Context& context,
                     const store::MigrationSet& migrations) {
  router.add(
      Method::kGet, "/healthz", [](const Request&) { return plain(200, "ok\n"); },
      RouteOptions{.run_inline = true});
  const auto readiness =
      std::make_shared<Readiness>([&] { return whyNotReady(*context.database, migrations); });
  router.add(Method::kGet, "/readyz", [readiness](const Request&) {
    const auto why_not = readiness->ask();
    if (why_not.empty()) return plain(200, "ready\n");
    auto response = plain(503, std::string(why_not) + '\n');
    addStatusHeaders(response, {});
    return response;
  });
}

}  // namespace vestibule::http
