// SPDX-License-Identifier: Apache-2.0
package com.example.demo;

import org.springframework.data.jpa.repository.JpaRepository;

interface CustomerRepository extends JpaRepository<Customer, Long> {}
