/*
 * From the settings of AppServer.ini to what the library publishes: one way
 * for serve and publish.
 */
#include "cli/config/config.h"
#include "cli/station_ini.h"

struct erpsync_source
config_source(const struct server_config *c, enum path_os os)
{
	return (struct erpsync_source){
	    .os = (enum erpsync_os)os,
	    .key = config_os_key(os),
	    .path = c->path[os],
	    .build = c->build,
	    .lowercase_only = c->lowercase_only,
	    .keep = c->keep,
	    .settle_ms = c->settle_ms,
	    .exclude = (const char *const *)c->exclude.v,
	    .exclude_n = c->exclude.n,
	    .seal_key = c->seal_key,
	    .judge_ini = station_ini_judge,
	    .ini_policy = c->ini.policy,
	};
}
