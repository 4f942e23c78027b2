// docs/api/openapi.json against the tables of routes that `serve` answers by.

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "json/parse.h"
#include "support/private_database.h"
#include "support/served_routes.h"
#include "support/temporary_folder.h"

namespace vestibule::app {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = VESTIBULE_SOURCE_DIR;

std::string textOf(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

/// The schemas that `scripts/run` serves: the shipped ones and the devices.
void copySchemas(const fs::path& to) {
  fs::create_directories(to);
  for (const char* from : {"scim-schemas", "docs/examples/device"}) {
    for (const auto& entry : fs::directory_iterator(kSource / from)) {
      if (entry.path().extension() == ".json") fs::copy(entry.path(), to);
    }
  }
}

using Routes = std::set<std::string>;

Routes routesOf(const http::Router& router) {
  Routes routes;
  for (const auto* route : router.routes()) {
    routes.insert(std::string(http::methodName(route->method)) + " " + route->pattern);
  }
  return routes;
}

/// The operations of the document whose servers have this port.
Routes operationsOf(const json::Value& document, const std::string& port) {
  Routes operations;
  for (const auto& [path, item] : *document.find("paths")->object()) {
    const json::Array& servers = *item.find("servers")->array();
    const bool is_here =
        std::any_of(servers.begin(), servers.end(), [&](const json::Value& server) {
          return server.stringAt("url").value_or("").ends_with(':' + port);
        });
    for (const auto& [method, operation] : *item.object()) {
      if (!is_here || operation.find("responses") == nullptr) continue;
      std::string name = method;
      std::transform(name.begin(), name.end(), name.begin(), [](char c) {
        return static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
      });
      operations.insert(name + " " + path);
    }
  }
  return operations;
}

/// Those of the first that the second lacks.
Routes without(const Routes& all, const Routes& some) {
  Routes rest;
  std::set_difference(all.begin(), all.end(), some.begin(), some.end(),
                      std::inserter(rest, rest.end()));
  return rest;
}

TEST(ApiDocument, HasEveryRouteOfTheServerAndNoOther) {
  const test::TemporaryFolder folder;
  Config config;
  config.data_dir = folder.path() / "data";
  config.scim.schema_dir = folder.path() / "schemas";
  config.database.tuning = test::quickTuning();
  copySchemas(config.scim.schema_dir);
  test::ServedRoutes routes(config);
  const auto document = json::parse(textOf(kSource / "docs/api/openapi.json"), {64, 1'000'000});
  ASSERT_TRUE(document) << document.error().detail;

  const auto compare = [&](const http::Router& router, const std::string& port) {
    const Routes served = routesOf(router);
    const Routes told = operationsOf(*document, port);
    EXPECT_EQ(without(served, told), Routes()) << "not in docs/api/openapi.json, port " << port;
    EXPECT_EQ(without(told, served), Routes()) << "answered by no route, port " << port;
  };
  compare(routes.outside(), "8080");
  compare(routes.inside(), "8081");
}

}  // namespace
}  // namespace vestibule::app
