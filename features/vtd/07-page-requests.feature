@area:faults @needs:iommu @needs:pasid @needs:page-faults
Feature: Devices that ask for pages

  Who answers is above the driver, which is told of each request, and answers by itself what nobody is asked about.

  @rule:VTDN-PRQ-01 @kind:observed @profile:vtd-mainline
  Rule: A request that cannot be meant is answered as invalid, and the end of requests not at all

    Source: Linux at bbfd55947560, drivers/iommu/intel/prq.c "Drop Stop Marker message. No need for a response."

    Scenario Outline: <what>
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags 0x4
      And the driver attaches d1 with PASID 5 to A
      When d1 with PASID 5 asks to <wish> in group 3
      Then serving the page requests of IOMMU 0 gives the commands "page_grp_resp rid 0x1 pasid 0x5 group 0x3 invalid-request, inv_wait"
      And answering group 3 of d1 with PASID 5 with success is refused with EINVAL

      Examples:
        | what                         | wish                         |
        | an address below no page     | read 0x1000_0000_0000_0000   |
        | the first that is none       | write 0x100_0000_0000_0000   |
        | a supervisor that reads      | read 0x5000 as a supervisor  |
        | a supervisor that writes     | write 0x5000 as a supervisor |
        | to execute what is read, too | read and execute 0x5000      |

    Example: a request without a PASID
      Given d1 asks for pages
      And a domain A for d1 with flags 0x4
      And the driver attaches d1 to A
      When d1 asks to read 0x5000 in group 3
      Then serving the page requests of IOMMU 0 gives the commands "page_grp_resp rid 0x1 group 0x3 invalid-request, inv_wait"

    Scenario Outline: a PASID <whose> has nobody who answers
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags <flags>
      And the driver attaches d1 with PASID 5 to A
      When d1 with PASID <pasid> asks to read 0x5000 in group 3
      Then serving the page requests of IOMMU 0 gives among others the commands "page_grp_resp rid 0x1 pasid <named> group 0x3 invalid-request"
      And answering group 3 of d1 with PASID <pasid> with success is refused with EINVAL

      Examples:
        | whose                       | flags | pasid | named |
        | with another domain         | 0x0   | 5     | 0x5   |
        | that is attached to nothing | 0x4   | 6     | 0x6   |

    Scenario Outline: to <wish> is meant, and <code> is what the device is told
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags 0x4
      And the driver attaches d1 with PASID 5 to A
      When d1 with PASID 5 asks to <wish> in group 511
      Then serving the page requests of IOMMU 0 gives no command "page_grp_resp"
      And answering group 511 of d1 with PASID 5 with <code> gives the commands "page_grp_resp rid 0x1 pasid 0x5 group 0x1ff <told>, inv_wait"
      And answering group 511 of d1 with PASID 5 with success is refused with EINVAL

      Examples:
        | wish                                 | code    | told             |
        | read 0x5000                          | success | success          |
        | write 0xff_ffff_ffff_f000            | invalid | invalid-request  |
        | read and write 0xffff_ffff_ffff_f000 | failure | response-failure |

    Example: the end of requests
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags 0x4
      And the driver attaches d1 with PASID 5 to A
      When d1 with PASID 5 asks to do nothing at 0x0 in group 0
      Then serving the page requests of IOMMU 0 gives no command "page_grp_resp"
      And answering group 0 of d1 with PASID 5 with success is refused with EINVAL

    Example: a group is invalid as soon as one of its requests is, and answered once
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags 0x4
      And the driver attaches d1 with PASID 5 to A
      And d1 with PASID 5 asks to read 0x5000 as a supervisor in group 3, and for more
      When d1 with PASID 5 asks to read 0x6000 in group 3
      Then serving the page requests of IOMMU 0 gives the commands "page_grp_resp rid 0x1 pasid 0x5 group 0x3 invalid-request, inv_wait"
      And answering group 3 of d1 with PASID 5 with success is refused with EINVAL

    Example: of more than there is room for, hardware answers the rest, and takes others afterwards
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags 0x4
      And the driver attaches d1 with PASID 5 to A
      And d1 with PASID 5 asks to read 0x5000 in groups 0 to 499
      And serving the page requests of IOMMU 0 is accepted
      When d1 with PASID 5 asks to read 0x5000 in group 511
      Then serving the page requests of IOMMU 0 is accepted
      And answering group 511 of d1 with PASID 5 with success is accepted
      And answering group 499 of d1 with PASID 5 with success is refused with EINVAL

  @rule:VTDN-PRQ-02 @kind:observed @profile:vtd-mainline
  Rule: When a PASID is left, what was asked with it is answered as invalid, and nobody else is asked

    Source: Linux at bbfd55947560, drivers/iommu/intel/prq.c "Drain all pending page requests and responses related to @pasid in both"

    Scenario Outline: what was told, and what was not, when a device <leaves> it
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags 0x4
      And a domain for PASIDs B for d1 with flags 0x4
      And the driver attaches d1 with PASID 5 to A
      And d1 with PASID 5 asks to read 0x5000 in group 3
      And serving the page requests of IOMMU 0 is accepted
      When d1 with PASID 5 asks to read 0x6000 in group 4
      Then <leaving> gives among others the commands "inv_wait fence drain then page_grp_resp rid 0x1 pasid 0x5 group 0x3 invalid-request, page_grp_resp rid 0x1 pasid 0x5 group 0x4 invalid-request"
      And answering group 3 of d1 with PASID 5 with success is refused with EINVAL

      Examples:
        | leaves   | leaving                                      |
        | leaves   | detaching d1 with PASID 5 from A             |
        | replaces | replacing the domain of d1 with PASID 5 by B |

    Example: whoever has the PASID next
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags 0x4
      And the driver attaches d1 with PASID 5 to A
      And d1 with PASID 5 asks to read 0x5000 in group 3
      And the driver detaches d1 with PASID 5 from A
      When the driver attaches d1 with PASID 5 to A
      Then serving the page requests of IOMMU 0 gives no command "page_grp_resp"
      And answering group 3 of d1 with PASID 5 with success is refused with EINVAL

    Example: what was asked with another PASID stays
      Given d1 asks for pages
      And d1 has PASIDs of 20 bits
      And a domain for PASIDs A for d1 with flags 0x4
      And the driver attaches d1 with PASID 5 to A
      And the driver attaches d1 with PASID 6 to A
      And d1 with PASID 6 asks to read 0x5000 in group 3
      And d1 with PASID 5 asks to read 0x6000 in group 3
      When the driver detaches d1 with PASID 5 from A
      Then answering group 3 of d1 with PASID 5 with success is refused with EINVAL
      And answering group 3 of d1 with PASID 6 with success is accepted

  @rule:VTDN-SVA-01 @kind:observed @profile:vtd-mainline
  Rule: A process's page table is shared with a PASID of a device that can wait for pages

    Source: Linux at c0a7eb268856, drivers/iommu/intel/svm.c "ret = intel_pasid_setup_first_level(iommu, dev, mm->pgd, mm->pasid,"

    Excluded: no process of the machine has a page table that a driver could share
