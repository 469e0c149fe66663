#include "generator/user_types.h"

static const struct user_type user_types[] = {
	{ "Date", "float" },
	{ "Eth", "u48" },
	{ "Ip4", "u32" },
	{ "Ip6", "u128" },
	{ "Ip", "[v4 Ip4|v6 Ip6]" },
	{ "Cidr4", "{ip:Ip4;mask:u8}" },
	{ "Cidr6", "{ip:Ip6;mask:u8}" },
	{ "Cidr", "[v4 Cidr4|v6 Cidr6]" },
};

const struct user_type *user_type_find(struct slice name)
{
	for (size_t i = 0; i < sizeof(user_types) / sizeof(*user_types); i++)
		if (slice_is(name, user_types[i].name))
			return &user_types[i];
	return NULL;
}
