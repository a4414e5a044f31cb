using System.Device.I2c;
using System.Device.Pwm;
using System.Device.Spi;
using Edge.Hardware.Boards;
using Edge.Hardware.Gpio;

namespace Edge.Hardware.Buses;

/// <summary>The machine as drivers see it: buses, pins and files, real or simulated.</summary>
internal interface IHardware
{
    BoardProfile Board { get; }

    /// <summary>Where <c>sys</c> and <c>proc</c> are.</summary>
    string FileRoot { get; }

    /// <summary>The clock of GPIO timestamps: CLOCK_MONOTONIC, nanoseconds.</summary>
    long MonotonicNs { get; }

    /// <exception cref="BusException">There is no such bus, or it may not be opened. A missing device shows at the first transfer.</exception>
    I2cDevice OpenI2c(int bus, int address);

    /// <exception cref="BusException">As <see cref="OpenI2c"/>.</exception>
    SpiDevice OpenSpi(SpiConnectionSettings settings);

    /// <exception cref="BusException">As <see cref="OpenI2c"/>.</exception>
    ISerialPort OpenSerial(SerialSettings settings);

    /// <exception cref="BusException">No such line, in use (says by whom), or not allowed.</exception>
    IGpioLines OpenGpio(GpioRequest request);

    /// <exception cref="BusException">No such channel, or not allowed.</exception>
    PwmChannel OpenPwm(int chip, int channel, int frequencyHz, double dutyCycle);

    /// <summary>Brings the files below <see cref="FileRoot"/> up to date where nobody else does.</summary>
    void PrepareFiles() { }

    /// <summary>Waits on the caller's thread: conversion times.</summary>
    void Delay(TimeSpan time);

    /// <summary>Frees an I2C bus on which a device holds the data line.</summary>
    /// <returns>What was done, for the log.</returns>
    /// <exception cref="BusException">It cannot be done here, or did not help.</exception>
    string RecoverI2c(int bus);
}
