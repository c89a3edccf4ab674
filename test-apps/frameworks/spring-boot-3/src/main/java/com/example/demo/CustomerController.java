// SPDX-License-Identifier: Apache-2.0
package com.example.demo;

import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class CustomerController {
    private final CustomerRepository customers;

    CustomerController(CustomerRepository customers) {
        this.customers = customers;
    }

    @GetMapping("/greeting")
    String greeting() {
        return "hello";
    }

    @GetMapping("/customers")
    List<Customer> all() {
        return customers.findAll();
    }

    @GetMapping("/add")
    Customer add(@RequestParam String name) {
        return customers.save(new Customer(name));
    }
}
