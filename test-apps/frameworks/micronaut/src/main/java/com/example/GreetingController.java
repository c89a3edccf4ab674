// SPDX-License-Identifier: Apache-2.0
package com.example;

import io.micronaut.http.MediaType;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Produces;

@Controller("/greeting")
public class GreetingController {
    @Get
    @Produces(MediaType.TEXT_PLAIN)
    public String hello() {
        return "hello";
    }
}
